/** The one place that says what a key may do: for every endpoint, whatever header the key came in. */
import type { Caller, Endpoint } from '../exchange.js'
import type { KeyScope, VirtualKey } from './virtual-key.js'

const DEFAULT_ENDPOINTS: readonly string[] = ['/v1/*']

/** Whether a key is good at all at this time. */
export function isValid({ revoked, expiresAt }: VirtualKey, now: number): boolean {
  if (revoked === true) return false
  // What is no date is no promise of anything: not good.
  return expiresAt === undefined || now < Date.parse(expiresAt)
}

/** @param endpoint as it was routed; its pattern counts, not the address that led to it */
export const mayReach = (scope: KeyScope, endpoint: Pick<Endpoint, 'path'>): boolean =>
  isNamed(scope.endpoints ?? DEFAULT_ENDPOINTS, endpoint.path)

export const mayUse = ({ models }: KeyScope, model: string): boolean =>
  models === undefined || isNamed(models, model)

const mayPassOn = ({ models, providerOptions }: KeyScope): boolean => providerOptions ?? models === undefined

export function callerOf(key: VirtualKey): Caller {
  const { id, account = id, tenant, tags } = key
  return {
    options: { ...(tenant !== undefined && { tenant }), tags: { ...tags, key: account } },
    account,
    mayUse: (model) => mayUse(key, model),
    mayPassOn: mayPassOn(key),
  }
}

/** Everything in `scope` that is more than `parent` has; empty for a scope that is within it. */
export function beyond(scope: KeyScope, parent: KeyScope): readonly string[] {
  const names = (given: readonly string[] | undefined, has: readonly string[] | undefined): boolean =>
    has === undefined || given === undefined || given.every((name) => isNamed(has, name))
  const found: string[] = []
  if (!names(scope.models, parent.models)) found.push('models')
  if (scope.providerOptions === true && !mayPassOn(parent)) found.push('providerOptions')
  if (!names(scope.endpoints, parent.endpoints ?? DEFAULT_ENDPOINTS)) found.push('endpoints')
  if (parent.tenant !== undefined && (scope.tenant ?? parent.tenant) !== parent.tenant) found.push('tenant')
  for (const [tag, value] of Object.entries(parent.tags ?? {})) {
    if (scope.tags !== undefined && Object.hasOwn(scope.tags, tag) && scope.tags[tag] !== value)
      found.push(`tags.${tag}`)
  }
  if (
    parent.expiresAt !== undefined &&
    scope.expiresAt !== undefined &&
    !(Date.parse(scope.expiresAt) <= Date.parse(parent.expiresAt))
  )
    found.push('expiresAt')
  return found
}

/** A scope within its parent's: what it leaves open is as the parent has it. */
export function narrowed(scope: KeyScope, parent: KeyScope): KeyScope {
  const { models = parent.models, endpoints = parent.endpoints } = scope
  const { tenant = parent.tenant, expiresAt = parent.expiresAt } = scope
  const { providerOptions = parent.providerOptions } = scope
  return {
    ...(models && { models }),
    ...(providerOptions !== undefined && { providerOptions }),
    ...(endpoints && { endpoints }),
    ...(tenant !== undefined && { tenant }),
    ...(expiresAt !== undefined && { expiresAt }),
    tags: { ...scope.tags, ...parent.tags },
  }
}

/** Whether one of the patterns names it. A pattern is named by one that is as wide or wider. */
function isNamed(patterns: readonly string[], name: string): boolean {
  for (const pattern of patterns) {
    if (pattern === name) return true
    if (pattern.endsWith('*') && name.startsWith(pattern.slice(0, -1))) return true
  }
  return false
}
