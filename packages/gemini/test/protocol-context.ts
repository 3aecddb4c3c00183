/** What a protocol is given, for tests that look at one without a gateway. */
import type { ChatRequest, ChatMessage, ProtocolContext, Warning } from '@turnout/core/adapter'

export interface TestContext extends ProtocolContext {
  readonly warnings: Warning[]
}

export function protocolContext(
  given: Partial<ProtocolContext> & { readonly model?: string } = {},
): TestContext {
  const warnings: Warning[] = []
  return {
    adapter: 'gemini',
    provider: 'gemini',
    model: 'gemini-2.5-flash',
    origin: 'https://generativelanguage.googleapis.com',
    stream: false,
    unsupported: 'warn',
    request: chatRequest(),
    ...given,
    warnings,
    warn: (warning) => {
      warnings.push(warning)
    },
  }
}

/** A request with one user message, or the messages given. */
export function chatRequest(
  fields: Partial<ChatRequest> = {},
  messages: readonly ChatMessage[] = [{ role: 'user', content: 'Hello' }],
): ChatRequest {
  return { model: 'some-route', messages, ...fields }
}
