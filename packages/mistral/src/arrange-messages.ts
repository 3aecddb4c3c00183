/** Brings messages into the order and the form that Mistral takes; other orders are 400 with code 3230. */
import type { ProtocolContext } from '@turnout/core/adapter'
import type { WireContent, WireMessage } from '@turnout/openai-compatible'

interface MistralMessage extends WireMessage {
  /** The answer continues this message. */
  readonly prefix?: true
}

type Note = (what: string) => void

/** Stands between the result of a tool and a user who speaks next. */
const BRIDGE: MistralMessage = { role: 'assistant', content: 'OK.' }

/** @param messages in the common form; they are not changed. */
export function arrangeMessages(
  messages: readonly WireMessage[],
  context: ProtocolContext,
): MistralMessage[] {
  const note = noteOnce(context)
  const said = messages.filter((message) => !isEmptyAnswer(message))
  if (said.length < messages.length) note('assistant messages without content were left out')
  const arranged: MistralMessage[] = []
  const toolNames = new Map<string, string>()
  said.forEach((message, i) => {
    const previous = arranged.at(-1)?.role
    switch (message.role) {
      case 'tool':
        arranged.push({ ...message, name: toolNames.get(message.tool_call_id ?? '') })
        break
      case 'assistant':
        for (const call of message.tool_calls ?? []) toolNames.set(call.id, call.function.name)
        arranged.push(withThinking(message))
        break
      case 'system':
        if (i < said.length - 1 && previous !== 'assistant' && previous !== 'tool') arranged.push(message)
        else {
          note('instructions behind an answer or at the end were sent as a user message')
          pushUser(arranged, { ...message, role: 'user' }, note)
        }
        break
      case 'user':
        pushUser(arranged, message, note)
        break
      default:
        arranged.push(message)
    }
  })
  const last = arranged.at(-1)
  if (last?.role === 'assistant' && !last.tool_calls) arranged.splice(-1, 1, { ...last, prefix: true })
  return arranged
}

function pushUser(arranged: MistralMessage[], message: MistralMessage, note: Note): void {
  if (arranged.at(-1)?.role === 'tool') {
    note('"OK." of the assistant was put between the result of a tool and the user')
    arranged.push(BRIDGE)
  }
  arranged.push(message)
}

/** Refused as having neither content nor calls. */
function isEmptyAnswer({ role, content, tool_calls, reasoning_content }: WireMessage): boolean {
  return role === 'assistant' && !tool_calls && !reasoning_content && (!content || content.length === 0)
}

/** Reasoning goes back as a part of the content, in front. */
function withThinking({ reasoning_content: reasoning, ...message }: WireMessage): WireMessage {
  if (!reasoning) return message
  const thinking = { type: 'thinking', thinking: [{ type: 'text', text: reasoning }], closed: true }
  return { ...message, content: [thinking, ...partsOf(message.content)] }
}

function partsOf(content: WireContent | undefined): readonly object[] {
  if (!content) return []
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

function noteOnce(context: ProtocolContext): Note {
  const told = new Set<string>()
  return (what) => {
    if (told.has(what)) return
    told.add(what)
    const message = `Mistral takes messages in a strict order: ${what}`
    context.warn({ code: 'content_changed', path: 'messages', message, provider: context.provider })
  }
}
