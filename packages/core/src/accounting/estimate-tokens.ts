import type { ChatRequest } from '../contract/chat-request.js'
import type { Usage } from '../contract/chat-response.js'

const MESSAGE_OVERHEAD = 4
/** A middle-sized picture at the common providers; only used where a provider reported nothing. */
const MEDIA_TOKENS = 1_000

/** Expected tokens of a text by script: words, digits, CJK and punctuation weigh differently. Never exact. */
export function estimateTextTokens(text: string): number {
  let letters = 0
  let digits = 0
  let wide = 0
  let marks = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if ((code > 96 && code < 123) || (code > 64 && code < 91)) letters++
    else if (code > 47 && code < 58) digits++
    else if (code > 0x2e7f) wide++
    else if (code > 127) letters += 2
    else if (code !== 32 && code !== 10 && code !== 13 && code !== 9) marks++
  }
  return Math.ceil(letters / 4.2 + digits / 2.5 + wide * 0.8 + marks * 0.6)
}

/** Expected tokens of the request; flagged as an estimate wherever it is shown. */
export function estimateRequestTokens(request: Pick<ChatRequest, 'messages' | 'tools'>): number {
  let tokens = 0
  for (const message of request.messages) {
    tokens += MESSAGE_OVERHEAD
    if (typeof message.content === 'string') tokens += estimateTextTokens(message.content)
    else if (message.content) {
      for (const part of message.content) tokens += estimatePartTokens(part)
    }
    if (message.role === 'assistant' && message.tool_calls) {
      for (const call of message.tool_calls)
        tokens += estimateTextTokens(call.function.name + call.function.arguments)
    }
  }
  if (request.tools) tokens += estimateTextTokens(JSON.stringify(request.tools))
  return tokens
}

function estimatePartTokens(part: object): number {
  const { text, refusal } = part as { readonly text?: unknown; readonly refusal?: unknown }
  if (typeof text === 'string') return estimateTextTokens(text)
  return typeof refusal === 'string' ? estimateTextTokens(refusal) : MEDIA_TOKENS
}

/** Stands in for the usage that a provider did not send. */
export function estimateUsage(request: Pick<ChatRequest, 'messages' | 'tools'>, answer: string): Usage {
  const prompt_tokens = estimateRequestTokens(request)
  const completion_tokens = estimateTextTokens(answer)
  return { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens }
}
