import { invalidRequest, unknownOption } from '../contract/describe-issue.js'
import { checkGatewayOptions, OPTION_NAMES } from './check-options.js'
import { withoutUndefined } from '../platform/without-undefined.js'
import type { GatewayOptions } from './gateway-options.js'

/** What `reload` may change: the configuration, not the parts that remember. */
export type ReloadOptions = Partial<
  Pick<GatewayOptions, 'providers' | 'routes' | 'defaults' | 'catalog' | 'budgets' | 'limits' | 'queue'>
>

const RELOADABLE = ['providers', 'routes', 'defaults', 'catalog', 'budgets', 'limits', 'queue']

/**
 * The options with the changes in them, checked as a whole: routes that name a provider which has gone are an error.
 * What is `undefined` is left as it was; `{}` takes all routes or budgets away.
 * @throws GatewayError `invalid_request`; then nothing has changed
 */
export function changedOptions(options: GatewayOptions, changes: ReloadOptions): GatewayOptions {
  if (typeof changes !== 'object' || changes === null)
    throw invalidRequest('reload', 'must be an object of the options to change, as in { routes }')
  for (const key of Object.keys(changes)) {
    if (RELOADABLE.includes(key)) continue
    throw invalidRequest(
      key,
      OPTION_NAMES.includes(key)
        ? `cannot be changed by reload, only ${RELOADABLE.join(', ')}; create a new gateway`
        : unknownOption(key, RELOADABLE),
    )
  }
  const changed = { ...options, ...withoutUndefined(changes) }
  checkGatewayOptions(changed)
  return changed
}
