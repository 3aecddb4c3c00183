import type { Adapter } from '../contract/adapter.js'
import type { Target } from '../contract/target.js'

export interface ConfiguredRoute {
  readonly name: string
  readonly targets: readonly Target[]
  readonly strategy: 'priority'
}

/** The configuration as routing sees it. Made once, frozen, swapped whole. */
export interface RoutingTable {
  readonly routes: ReadonlyMap<string, ConfiguredRoute>
  /** Adapters by the provider's name in the config, in the order of the config. */
  readonly adapters: ReadonlyMap<string, Adapter>
}

/** `provider/model` cut at the first slash: model ids may hold slashes themselves. */
export function parseTarget(name: string): Target | undefined {
  const slash = name.indexOf('/')
  if (slash <= 0 || slash === name.length - 1) return undefined
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) }
}

/** Several providers put the model id into a URL's path: nothing in it may lead elsewhere. */
const NOT_IN_AN_ID = /[\s?#\\\p{Cc}\p{Cs}]|(?:^|\/)\.{1,2}(?:\/|$)/u

/** What is wrong with a model id, as the end of a sentence; `undefined` when nothing is. */
export function modelIdFault(model: string): string | undefined {
  if (model.length > 500)
    return 'the model id is longer than 500 characters; use the id that the provider lists'
  if (!NOT_IN_AN_ID.test(model)) return undefined
  return 'the model id must not hold spaces, control characters, "?", "#", "\\" or the path segments "." and ".."'
}
