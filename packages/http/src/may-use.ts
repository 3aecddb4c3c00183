import type { Caller } from './exchange.js'
import type { JsonRecord } from './read-json.js'
import type { SurfaceFault } from './surface-fault.js'

/** @throws SurfaceFault 403 when the caller may not use the model of the request */
export function mayUse(caller: Caller, { model }: JsonRecord): void {
  // What is no name at all the gateway refuses.
  if (typeof model === 'string' && !caller.mayUse(model)) throw notAllowed()
}

export const notAllowed = (): SurfaceFault => ({
  fault: true,
  status: 403,
  message: 'model: this key may not use it; see GET /v1/models for those that it may',
  path: 'model',
})
