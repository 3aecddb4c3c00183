/** The AI SDK's prompt as messages. */
import type { LanguageModelV3Message, LanguageModelV3Prompt, SharedV3Warning } from '@ai-sdk/provider'
import type { ChatMessage, ToolMessage, UserPart } from '@turnout/core'
import { cacheControlOf } from './cache-control.js'
import { encodeAssistant } from './encode-assistant.js'
import { encodeFile } from './encode-file.js'
import { encodeToolOutput } from './encode-tool-output.js'

type MessageOf<Role> = Extract<LanguageModelV3Message, { role: Role }>

export function encodePrompt(prompt: LanguageModelV3Prompt, warnings: SharedV3Warning[]): ChatMessage[] {
  const messages: ChatMessage[] = []
  for (const message of prompt) {
    const mark = cacheControlOf(message)
    switch (message.role) {
      case 'system':
        messages.push({ role: 'system', content: message.content, ...(mark && { cache_control: mark }) })
        break
      case 'user':
        messages.push({ role: 'user', content: encodeUser(message), ...(mark && { cache_control: mark }) })
        break
      case 'assistant': {
        messages.push(encodeAssistant(message, warnings))
        break
      }
      case 'tool':
        messages.push(...encodeResults(message))
        break
    }
  }
  return messages
}

function encodeUser({ content }: MessageOf<'user'>): string | readonly UserPart[] {
  const [only] = content
  if (content.length === 1 && only?.type === 'text' && !only.providerOptions) return only.text
  return content.map((part): UserPart => {
    const mark = cacheControlOf(part)
    const encoded: UserPart = part.type === 'text' ? { type: 'text', text: part.text } : encodeFile(part)
    return mark ? { ...encoded, cache_control: mark } : encoded
  })
}

function encodeResults(message: MessageOf<'tool'>): ToolMessage[] {
  const encoded: ToolMessage[] = []
  for (const part of message.content) {
    // An approval is for tools that a provider runs, which there are none of here.
    if (part.type !== 'tool-result') continue
    const { content, isError } = encodeToolOutput(part.output)
    const mark = cacheControlOf(part) ?? cacheControlOf(message)
    encoded.push({
      role: 'tool',
      tool_call_id: part.toolCallId,
      content,
      ...(isError && { is_error: true }),
      ...(mark && { cache_control: mark }),
    })
  }
  return encoded
}
