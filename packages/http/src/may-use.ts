import { isRecord } from '@turnout/core/adapter'
import type { Caller } from './exchange.js'
import type { JsonRecord } from './read-json.js'
import type { SurfaceFault } from './surface-fault.js'

/** Fields of providers that name models, in `provider_options`: they replace what the adapter has chosen. */
const MODEL_FIELDS = ['model', 'models', 'fallbacks'] as const

interface Naming {
  readonly model?: unknown
  readonly provider_options?: unknown
}

/**
 * For a body in the gateway's own shape.
 * @throws SurfaceFault 403 when the caller may not use what the request names
 */
export function mayUse(caller: Caller, body: JsonRecord): void {
  mayName(caller, body)
  mayPassOn(caller, body)
}

/** @throws SurfaceFault 403 when the caller may not use a model that the request names */
export function mayName(caller: Caller, { model, provider_options: options }: Naming): void {
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

/**
 * `provider_options` are the last word on what a provider is sent: other models, other messages than those that were
 * checked, tools that it runs itself, dearer service.
 * @throws SurfaceFault 403 when the request has some, anywhere, and the caller may not
 */
export function mayPassOn(caller: Caller, { provider_options, messages, tools }: JsonRecord): void {
  if (caller.mayPassOn !== false) return
  refuseOptions(provider_options, '')
  forEachRecord(tools, 'tools', (tool, path) => refuseOptions(tool['provider_options'], `${path}.`))
  forEachRecord(messages, 'messages', (message, path) => {
    refuseOptions(message['provider_options'], `${path}.`)
    forEachRecord(message['content'], `${path}.content`, (part, at) =>
      refuseOptions(part['provider_options'], `${at}.`),
    )
  })
}

function refuseOptions(options: unknown, prefix: string): void {
  if (options !== undefined && options !== null) throw notPassedOn(`${prefix}provider_options`)
}

function forEachRecord(list: unknown, path: string, check: (record: JsonRecord, path: string) => void): void {
  if (!Array.isArray(list)) return
  list.forEach((value: unknown, i) => {
    if (isRecord(value)) check(value, `${path}[${i}]`)
  })
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

export const notPassedOn = (path: string): SurfaceFault => ({
  fault: true,
  status: 403,
  message: `${path}: this key may not say to a provider what the gateway does not know; it needs providerOptions: true`,
  path,
})
