import { isRecord } from '@turnout/core/adapter'
import type { Caller } from '../exchange.js'
import { mayPassOn, notPassedOn } from '../may-use.js'
import type { JsonRecord } from '../read-json.js'
import { isUsual } from './read-tools.js'
import { otherFields } from './read-value.js'
import { FIELDS } from './to-chat-request.js'

/** Fields that only Anthropic has, and that cost nothing and reach nobody. */
const HARMLESS = new Set([...FIELDS, 'cache_control', 'context_management'])
/** Tools of its own that the client runs. */
const RUN_BY_CLIENT = /^(?:bash|text_editor|computer|memory)_\d{8}$/

/**
 * All that this API has and the gateway does not goes to Anthropic as it is: servers it is to call, searches to pay for,
 * a faster service, tools that ask other models.
 * @throws SurfaceFault 403 when the request has some of it and the caller may not
 */
export function mayPassOnOwn(caller: Caller, body: JsonRecord): void {
  mayPassOn(caller, body)
  if (caller.mayPassOn !== false) return
  const [field] = Object.keys(otherFields(body, HARMLESS) ?? {})
  if (field !== undefined) throw notPassedOn(field)
  const { tools } = body
  if (!Array.isArray(tools)) return
  tools.forEach((tool: unknown, i) => {
    if (!isRecord(tool) || isUsual(tool)) return
    const { type } = tool
    if (typeof type !== 'string' || !RUN_BY_CLIENT.test(type)) throw notPassedOn(`tools[${i}].type`)
  })
}
