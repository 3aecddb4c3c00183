import type { ChatMessage, ChatRequest } from '../contract/chat-request.js'

/** What routing may know of a request: facts, never text. */
export interface RequestFacts {
  /** The `model` of the request. */
  readonly model: string
  readonly needsTools: boolean
  readonly needsImages: boolean
  readonly needsAudio: boolean
  readonly needsFiles: boolean
  readonly needsJsonSchema: boolean
  readonly needsEmbeddings: boolean
}

export function chatFacts(request: ChatRequest): RequestFacts {
  let needsImages = false
  let needsAudio = false
  let needsFiles = false
  for (const message of request.messages) {
    if (typeof message.content === 'string' || !message.content) continue
    for (const part of message.content as readonly { type: string }[]) {
      if (part.type === 'image_url') needsImages = true
      else if (part.type === 'input_audio') needsAudio = true
      else if (part.type === 'file') needsFiles = true
    }
  }
  return {
    model: request.model,
    needsTools: (request.tools?.length ?? 0) > 0 || request.messages.some(callsTools),
    needsImages,
    needsAudio,
    needsFiles,
    needsJsonSchema: request.response_format?.type === 'json_schema',
    needsEmbeddings: false,
  }
}

const callsTools = (message: ChatMessage): boolean =>
  message.role === 'assistant' && (message.tool_calls?.length ?? 0) > 0

export const embeddingFacts = (model: string): RequestFacts => ({
  model,
  needsTools: false,
  needsImages: false,
  needsAudio: false,
  needsFiles: false,
  needsJsonSchema: false,
  needsEmbeddings: true,
})
