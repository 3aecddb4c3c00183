import { isRecord } from '@turnout/core/adapter'
import type { Caller } from './exchange.js'
import type { SurfaceFault } from './surface-fault.js'

/** Fields of providers that name models, in `provider_options`: they replace what the adapter has chosen. */
const MODEL_FIELDS = ['model', 'models', 'fallbacks'] as const

interface Naming {
  readonly model?: unknown
  readonly provider_options?: unknown
}

/** @throws SurfaceFault 403 when the caller may not use a model that the request names */
export function mayUse(caller: Caller, { model, provider_options: options }: Naming): void {
  // What is no name at all the gateway refuses.
  if (typeof model === 'string' && !caller.mayUse(model)) throw notAllowed()
  if (!isRecord(options)) return
  for (const [adapter, own] of Object.entries(options)) {
    if (!isRecord(own)) continue
    for (const field of MODEL_FIELDS) {
      for (const name of namesIn(own[field])) {
        if (!caller.mayUse(name) && !caller.mayUse(`${adapter}/${name}`))
          throw notAllowed(`provider_options.${adapter}.${field}`)
      }
    }
  }
}

/** One name, a list of them, or of objects that have one. */
function namesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(namesIn)
  return isRecord(value) ? namesIn(value['model']) : []
}

export const notAllowed = (path = 'model'): SurfaceFault => ({
  fault: true,
  status: 403,
  message: `${path}: this key may not use it; see GET /v1/models for those that it may`,
  path,
})
