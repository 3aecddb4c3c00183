/** Call options, wherever they stand, and the settings that a provider's `defaults` may hold. */
import type * as z from 'zod'
import type { CallOptions } from './call-options.js'
import type { RequestOptions } from './request-options.js'
import { checkJson } from './check-json.js'
import { checkSchema, formatPath, invalidRequest, unknownOption } from './describe-issue.js'
import { guardReading } from './guard-reading.js'
import {
  callOptionsSchema,
  FIELD_SCHEMAS,
  requestOptionsSchema,
  standingOptionsSchema,
} from './request-schema.js'
import { isSignal } from '../platform/abort.js'

/** The second argument of a call. @throws GatewayError `invalid_request` */
export const validateCallOptions = (options: CallOptions | undefined): CallOptions | undefined =>
  validate(callOptionsSchema, options, 'options')

/** The options that travel in a request. @throws GatewayError `invalid_request` */
export const validateRequestOptions = (options: RequestOptions | undefined): RequestOptions | undefined =>
  validate(requestOptionsSchema, options, 'gateway')

/** Options that hold for many calls. @param base their path, for messages. @throws GatewayError `invalid_request` */
export const validateStandingOptions = <T extends RequestOptions>(
  options: T | undefined,
  base: string,
): T | undefined => validate(standingOptionsSchema, options, base)

function validate<T extends object>(schema: z.ZodType, options: T | undefined, base: string): T | undefined {
  if (options === undefined) return undefined
  return guardReading(options, [base], () => {
    if (schema === callOptionsSchema && isNameOnly(options)) return options
    if (options instanceof AbortSignal)
      throw invalidRequest(base, 'must be an object; pass the signal as { signal }')
    if (schema !== callOptionsSchema && typeof options === 'object' && 'signal' in options) {
      throw invalidRequest(
        `${base}.signal`,
        'belongs in the second argument of the call: chat(request, { signal })',
      )
    }
    checkSchema(schema, options, [base])
    for (const [key, value] of Object.entries(options)) {
      if (key === '__proto__') throw invalidRequest(`${base}.__proto__`, 'is no option; remove it')
      if (key !== 'signal' && key !== 'accept') checkJson(value, [base, key])
    }
    return options
  })
}

/** What a server gives with every call, and nothing else: checked here, since the whole schema costs 5 us. */
function isNameOnly(options: CallOptions): boolean {
  if (typeof options !== 'object' || options === null) return false
  for (const key of Object.keys(options)) if (key !== 'requestId' && key !== 'signal') return false
  const { requestId, signal } = options
  return (
    typeof requestId === 'string' &&
    /^[\x21-\x7e]{1,200}$/.test(requestId) &&
    (signal === undefined || isSignal(signal))
  )
}

/** Fields that only a call itself can give. */
const OF_THE_CALL = new Set(['model', 'messages', 'gateway', 'stream', 'stream_options'])
const SETTINGS = [...FIELD_SCHEMAS.keys()].filter((key) => !OF_THE_CALL.has(key))

/** The request fields among a provider's `defaults`. @throws GatewayError `invalid_request` */
export function validateSettings(settings: object, base: readonly string[]): void {
  checkJson(settings, base)
  for (const [key, value] of Object.entries(settings)) {
    const schema = OF_THE_CALL.has(key) ? undefined : FIELD_SCHEMAS.get(key)
    if (!schema) throw invalidRequest(formatPath([...base, key]), unknownOption(key, SETTINGS))
    checkSchema(schema, value, [...base, key])
  }
}
