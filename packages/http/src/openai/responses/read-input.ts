/** `input` and `instructions` as messages. */
import type { AssistantMessage, ChatMessage, TextPart, ToolCall, UserPart } from '@turnout/core'
import { refuse } from '../../surface-fault.js'
import { openReasoning } from './sealed-reasoning.js'
import type { WireItem, WirePart } from './wire-types.js'

/** What one assistant turn has said so far: its items come one by one, its message is one. */
interface Turn {
  texts: TextPart[]
  refusal: string
  reasoning: string
  calls: ToolCall[]
  carried: ReturnType<typeof openReasoning>
}

export const readInstructions = (instructions: unknown): readonly ChatMessage[] =>
  typeof instructions === 'string' && instructions !== ''
    ? [{ role: 'developer', content: instructions }]
    : []

/**
 * @param findItem an item of an earlier answer, by the id that an `item_reference` names
 * @throws SurfaceFault for items that only OpenAI's own servers could run
 */
export function readInput(
  input: unknown,
  findItem: (id: string) => WireItem | undefined,
): readonly ChatMessage[] {
  if (typeof input === 'string') return [{ role: 'user', content: input }]
  if (!Array.isArray(input)) throw refuse('input', 'must be a string or a list of items')
  const messages: ChatMessage[] = []
  let turn: Turn | undefined
  const endTurn = (): void => {
    if (turn) messages.push(messageOf(turn))
    turn = undefined
  }
  input.forEach((given: unknown, i) => {
    const path = `input[${i}]`
    if (typeof given !== 'object' || given === null) throw refuse(path, 'must be an object')
    const item = resolve(given, path, findItem)
    if (isOfAssistant(item)) {
      turn ??= { texts: [], refusal: '', reasoning: '', calls: [], carried: {} }
      addToTurn(turn, item, path)
      return
    }
    endTurn()
    messages.push(readItem(item, path))
  })
  endTurn()
  return messages
}

function resolve(item: WireItem, path: string, findItem: (id: string) => WireItem | undefined): WireItem {
  if (item.type !== 'item_reference') return item
  const found = typeof item.id === 'string' ? findItem(item.id) : undefined
  if (found) return found
  throw refuse(
    `${path}.id`,
    'is no item of an answer that this process remembers; send the items themselves (with the AI SDK: store: false)',
  )
}

const isOfAssistant = ({ type, role }: WireItem): boolean =>
  type === 'reasoning' ||
  type === 'function_call' ||
  (role === 'assistant' && (type ?? 'message') === 'message')

function addToTurn(turn: Turn, item: WireItem, path: string): void {
  switch (item.type) {
    case 'reasoning':
      turn.reasoning += summaryOf(item.summary)
      // The last one wins: a turn has one state.
      turn.carried = { ...turn.carried, ...openReasoning(item.encrypted_content) }
      return
    case 'function_call': {
      const { call_id: id, name, arguments: given } = item
      if (typeof id !== 'string' || typeof name !== 'string' || typeof given !== 'string')
        throw refuse(path, 'needs call_id, name and arguments as strings')
      turn.calls.push({ id, type: 'function', function: { name, arguments: given } })
      return
    }
    default:
      for (const part of partsOf(item.content, `${path}.content`)) {
        if (part.type === 'refusal') turn.refusal += textIn(part.refusal)
        else turn.texts.push({ type: 'text', text: textIn(part.text) })
      }
  }
}

/** In the form that the answer had, so that a provider's state still belongs to it. */
function messageOf({ texts, refusal, reasoning, calls, carried }: Turn): AssistantMessage {
  return {
    role: 'assistant',
    content: texts.length > 1 ? texts : (texts[0]?.text ?? null),
    ...(refusal !== '' && { refusal }),
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && { tool_calls: calls }),
    ...carried,
  }
}

function readItem(item: WireItem, path: string): ChatMessage {
  const type = item.type ?? 'message'
  if (type === 'function_call_output') {
    if (typeof item.call_id !== 'string') throw refuse(`${path}.call_id`, 'must be a string')
    return {
      role: 'tool',
      tool_call_id: item.call_id,
      content: contentOf(item.output, `${path}.output`),
    }
  }
  if (type !== 'message') {
    const shown = typeof type === 'string' ? `'${type.slice(0, 40)}'` : 'this'
    throw refuse(`${path}.type`, `${shown} is run or kept by OpenAI itself and cannot go to other providers`)
  }
  const { role } = item
  const content = contentOf(item.content, `${path}.content`)
  if (role === 'user') return { role, content }
  if (role === 'system' || role === 'developer') return { role, content: textsOf(content, path) }
  throw refuse(`${path}.role`, 'must be user, assistant, system or developer')
}

function contentOf(content: unknown, path: string): string | readonly UserPart[] {
  if (typeof content === 'string') return content
  return partsOf(content, path).map((part, i) => readPart(part, `${path}[${i}]`))
}

function textsOf(content: string | readonly UserPart[], path: string): string | readonly TextPart[] {
  if (typeof content === 'string') return content
  return content.map((part) => {
    if (part.type !== 'text') throw refuse(`${path}.content`, 'takes text only in this role')
    return part
  })
}

function partsOf(content: unknown, path: string): readonly WirePart[] {
  if (typeof content === 'string') return [{ type: 'output_text', text: content }]
  if (Array.isArray(content) && content.every((part) => typeof part === 'object' && part !== null))
    return content as readonly WirePart[]
  throw refuse(path, 'must be a string or a list of parts')
}

function readPart(part: WirePart, path: string): UserPart {
  switch (part.type) {
    case 'input_text':
    case 'output_text':
    case 'text':
      return { type: 'text', text: textIn(part.text) }
    case 'input_image': {
      if (typeof part.image_url !== 'string')
        throw refuse(
          `${path}.image_url`,
          'must be a URL or a data URI; files kept at OpenAI are out of reach',
        )
      const { detail } = part
      const known = detail === 'auto' || detail === 'low' || detail === 'high'
      return { type: 'image_url', image_url: { url: part.image_url, ...(known && { detail }) } }
    }
    case 'input_file':
      return { type: 'file', file: textFields(part, ['file_data', 'file_url', 'file_id', 'filename']) }
    case 'input_audio': {
      const { data, format } = (part.input_audio ?? {}) as { data?: unknown; format?: unknown }
      if (typeof data !== 'string' || typeof format !== 'string')
        throw refuse(`${path}.input_audio`, 'needs data and format')
      return { type: 'input_audio', input_audio: { data, format } }
    }
    default:
      throw refuse(`${path}.type`, 'must be input_text, input_image, input_file or input_audio')
  }
}

function textFields<Name extends keyof WirePart>(
  part: WirePart,
  names: readonly Name[],
): Partial<Record<Name, string>> {
  const found: Partial<Record<Name, string>> = {}
  for (const name of names) {
    const value = part[name]
    if (typeof value === 'string') found[name] = value
  }
  return found
}

function summaryOf(summary: unknown): string {
  if (!Array.isArray(summary)) return ''
  return summary.map((part: WirePart | null) => textIn(part?.text)).join('')
}

const textIn = (value: unknown): string => (typeof value === 'string' ? value : '')
