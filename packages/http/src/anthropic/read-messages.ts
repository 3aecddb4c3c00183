/** Anthropic's turns as messages of the gateway's shape. */
import type { ChatMessage, SystemMessage, ToolMessage, UserMessage, UserPart } from '@turnout/core'
import type { JsonRecord } from '../read-json.js'
import { readAssistant } from './read-assistant.js'
import { cacheField, readPart, readTextParts } from './read-content.js'
import { refuse } from '../surface-fault.js'
import { isGiven, listIn, recordIn, textIn } from './read-value.js'

/** @throws SurfaceFault */
export function readMessages(system: unknown, turns: unknown): ChatMessage[] {
  const messages: ChatMessage[] = []
  if (isGiven(system)) messages.push(...readSystem(system, 'system'))
  listIn(turns, 'messages').forEach((turn, i) => {
    const path = `messages[${i}]`
    const { role, content } = recordIn(turn, path)
    switch (role) {
      case 'user':
        messages.push(...readUser(content, `${path}.content`))
        break
      case 'assistant':
        messages.push(
          typeof content === 'string'
            ? { role, content }
            : readAssistant(listIn(content, `${path}.content`), `${path}.content`),
        )
        break
      case 'system':
        messages.push(...readSystem(content, `${path}.content`))
        break
      default:
        throw refuse(`${path}.role`, "must be 'user' or 'assistant'")
    }
  })
  return messages
}

function readSystem(content: unknown, path: string): SystemMessage[] {
  if (typeof content === 'string') return content === '' ? [] : [{ role: 'system', content }]
  const parts = readTextParts(listIn(content, path), path)
  return parts.length === 0 ? [] : [{ role: 'system', content: parts }]
}

/** Results of tools are messages of their own, in front of what else the turn says. */
function readUser(content: unknown, path: string): (ToolMessage | UserMessage)[] {
  if (typeof content === 'string') return [{ role: 'user', content }]
  const results: ToolMessage[] = []
  const parts: UserPart[] = []
  listIn(content, path).forEach((value, i) => {
    const at = `${path}[${i}]`
    const block = recordIn(value, at)
    if (block['type'] === 'tool_result') results.push(readResult(block, at))
    else parts.push(readPart(block, at))
  })
  return parts.length === 0 ? results : [...results, { role: 'user', content: parts }]
}

function readResult(block: JsonRecord, path: string): ToolMessage {
  return {
    role: 'tool',
    tool_call_id: textIn(block['tool_use_id'], `${path}.tool_use_id`),
    content: resultContent(block['content'], `${path}.content`),
    ...(block['is_error'] === true && { is_error: true }),
    ...cacheField(block),
  }
}

function resultContent(content: unknown, path: string): ToolMessage['content'] {
  if (!isGiven(content)) return ''
  if (typeof content === 'string') return content
  return listIn(content, path).map((block, i) => readPart(recordIn(block, `${path}[${i}]`), `${path}[${i}]`))
}
