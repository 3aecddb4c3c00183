/** An assistant's turn as it comes back from a client. */
import type { AssistantMessage, CacheControl, ProviderState, ToolCall } from '@turnout/core'
import { isRecord, makeProviderState, type StateSubject } from '@turnout/core/adapter'
import type { JsonRecord } from '../read-json.js'
import { readCarried, withCarried, type Carried } from './carried.js'
import { ADAPTER } from './read-content.js'
import { isGiven, otherFields, recordIn, textIn } from './read-value.js'

/** Which model and server wrote the blocks is not in them: whoever speaks Anthropic's API is the judge. */
const ANYONE = { adapter: ADAPTER, model: '*', origin: '*' } as const

const TEXT_FIELDS = new Set(['type', 'text', 'cache_control'])
const CALL_FIELDS = new Set(['type', 'id', 'name', 'input', 'cache_control'])
const GOOD_ID = /^[\w-]{1,64}$/
const SOMETHING = /\S/

/**
 * Text, calls and thinking in the gateway's fields. Where these would lose something (signed thinking, order, blocks
 * that only Anthropic has) the blocks go along as `provider_state` and reach Anthropic as they are.
 * @throws SurfaceFault
 */
export function readAssistant(content: readonly unknown[], path: string): AssistantMessage {
  const texts: string[] = []
  const calls: ToolCall[] = []
  let reasoning = ''
  let isLossy = false
  const kept: JsonRecord[] = []
  const last = content.length - 1
  let cacheControl: CacheControl | undefined
  let carried: Carried | undefined
  content.forEach((value, i) => {
    const at = `${path}[${i}]`
    const block = recordIn(value, at)
    const more = readCarried(block)
    if (more) {
      carried = more
      return
    }
    const control = block['cache_control']
    if (isGiven(control) && i === last) cacheControl = control as CacheControl
    else isLossy ||= isGiven(control)
    switch (textIn(block['type'], `${at}.type`)) {
      case 'text': {
        const text = textIn(block['text'], `${at}.text`)
        if (!SOMETHING.test(text)) return
        texts.push(text)
        isLossy ||= calls.length > 0 || hasExtras(block, TEXT_FIELDS)
        break
      }
      case 'tool_use':
        calls.push(readCall(block, at))
        isLossy ||= hasExtras(block, CALL_FIELDS)
        break
      case 'thinking':
        if (typeof block['thinking'] === 'string') reasoning += block['thinking']
        // Unsigned, it is another provider's, or somebody's own: for reading only.
        if (typeof block['signature'] !== 'string' || block['signature'] === '') return
        isLossy = true
        break
      default:
        isLossy = true
    }
    kept.push(block)
  })
  const message = {
    role: 'assistant' as const,
    content: contentOf(texts),
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
  }
  if (carried) return withCarried(message, carried)
  const state = isLossy ? stateOf(kept, calls, message) : undefined
  return {
    ...message,
    ...(state ? { provider_state: state } : cacheControl && { cache_control: cacheControl }),
  }
}

function contentOf(texts: readonly string[]): AssistantMessage['content'] {
  if (texts.length > 1) return texts.map((text) => ({ type: 'text' as const, text }))
  return texts[0] ?? null
}

function readCall(block: JsonRecord, path: string): ToolCall {
  return {
    id: textIn(block['id'], `${path}.id`),
    type: 'function',
    function: {
      name: textIn(block['name'], `${path}.name`),
      arguments: JSON.stringify(block['input'] ?? {}),
    },
  }
}

/** What answers say of every block does not count. */
function hasExtras(block: JsonRecord, known: ReadonlySet<string>): boolean {
  const others = otherFields(block, known)
  if (!others) return false
  const { citations, caller, ...rest } = others
  if (Object.keys(rest).length > 0) return true
  if (Array.isArray(citations) && citations.length > 0) return true
  return isRecord(caller) && caller['type'] !== 'direct'
}

/** Ids of other vendors would be refused as they are: then the message is built anew. */
function stateOf(
  blocks: readonly JsonRecord[],
  calls: readonly ToolCall[],
  message: StateSubject,
): ProviderState | undefined {
  if (blocks.length === 0 || !calls.every(({ id }) => GOOD_ID.test(id))) return undefined
  return makeProviderState(ANYONE, blocks, message)
}
