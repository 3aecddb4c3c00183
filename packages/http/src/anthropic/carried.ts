/**
 * What other vendors want back of an answer and Anthropic's blocks have no field for: thought signatures, encrypted
 * reasoning, reasoning of a tool loop. It travels in a block that every client hands back without looking into it.
 */
import type { AssistantMessage, ProviderState, ReasoningDetail, ToolCall } from '@turnout/core'
import { isRecord, parseJson } from '@turnout/core/adapter'
import type { JsonRecord } from '../read-json.js'
import type { ContentBlock, Said } from './content-blocks.js'
import { ADAPTER } from './read-content.js'

export interface Carried {
  readonly provider_state?: ProviderState
  readonly reasoning_content?: string
  readonly reasoning_details?: readonly ReasoningDetail[]
  /** Of the calls, in their order, as the provider wrote them: the state is bound to the very letters. */
  readonly arguments?: readonly string[]
}

/** Anthropic's own data is bare base64 and never has a dot. */
const MARK = 'turnout-1.'

/** The last block of an answer; none where its blocks say all that is needed. */
export function carriedBlock(said: Said): ContentBlock | undefined {
  const {
    provider_state: state,
    reasoning_content: text,
    reasoning_details: details,
    tool_calls: calls,
  } = said
  if (state?.adapter === ADAPTER) return undefined
  const isWanted = state !== undefined || (calls?.length && (text || details?.length))
  if (!isWanted) return undefined
  const carried: Carried = {
    ...(state && { provider_state: state }),
    ...(text && { reasoning_content: text }),
    ...(details?.length && { reasoning_details: details }),
    ...(calls?.length && { arguments: calls.map((call) => call.function.arguments) }),
  }
  return {
    type: 'redacted_thinking',
    data: MARK + Buffer.from(JSON.stringify(carried)).toString('base64url'),
  }
}

/** What a block carries; `undefined` for every other block. */
export function readCarried({ type, data }: JsonRecord): Carried | undefined {
  if (type !== 'redacted_thinking' || typeof data !== 'string' || !data.startsWith(MARK)) return undefined
  try {
    const carried = parseJson(Buffer.from(data.slice(MARK.length), 'base64url').toString())
    return isRecord(carried) ? carried : {}
  } catch {
    return {}
  }
}

/** The message as the provider gave it. What the client has changed meanwhile holds; the state's digest will tell. */
export function withCarried(message: AssistantMessage, carried: Carried): AssistantMessage {
  const { provider_state, reasoning_content, reasoning_details, arguments: given } = carried
  const calls = message.tool_calls?.map((call, at) => withLetters(call, given?.[at]))
  return {
    ...message,
    ...(calls && { tool_calls: calls }),
    ...(reasoning_content !== undefined && { reasoning_content }),
    ...(reasoning_details && { reasoning_details }),
    ...(provider_state && { provider_state }),
  }
}

function withLetters(call: ToolCall, letters: unknown): ToolCall {
  const { name, arguments: sent } = call.function
  return typeof letters === 'string' && saysTheSame(letters, sent)
    ? { ...call, function: { name, arguments: letters } }
    : call
}

function saysTheSame(letters: string, sent: string): boolean {
  if (letters.trim() === '') return sent === '{}'
  try {
    return JSON.stringify(parseJson(letters)) === sent
  } catch {
    return false
  }
}
