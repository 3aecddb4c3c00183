import { createChunkCollector, type ChatResponse, type GatewayMeta } from '@turnout/core'
import type { ChatChunk, ChatRequest, ProtocolContext, Usage, Warning } from '@turnout/core/adapter'
import type { ResponsesModelRules } from '../src/responses/model-rules.js'
import { responsesProtocol } from '../src/responses/protocol.js'

/** A model that never reasons. */
export const plainRules: ResponsesModelRules = {
  reasoning: false,
  summary: 'never',
  samplingWhileReasoning: false,
  verbosity: false,
  parallelToolCalls: true,
  images: true,
  files: true,
  cacheBreakpoints: false,
  systemRole: 'developer',
  userField: 'safety_identifier',
}

/** A model that reasons unless told not to. */
export const reasoningRules: ResponsesModelRules = {
  ...plainRules,
  reasoning: { efforts: ['none', 'low', 'medium', 'high'], default: 'medium' },
  summary: 'asked',
  verbosity: true,
}

export interface TestContext extends ProtocolContext {
  readonly warnings: Warning[]
}

export function contextFor(
  request: Partial<ChatRequest> = {},
  facts: Partial<ProtocolContext> = {},
): TestContext {
  const warnings: Warning[] = []
  return {
    adapter: 'openai',
    provider: 'main',
    model: 'gpt-test',
    origin: 'https://api.openai.com',
    stream: false,
    unsupported: 'warn',
    request: { model: 'route', messages: [{ role: 'user', content: 'Hi' }], ...request },
    warn: (warning) => warnings.push(warning),
    ...facts,
    warnings,
  }
}

export function encode(
  request: Partial<ChatRequest>,
  rules: ResponsesModelRules = plainRules,
  facts: Partial<ProtocolContext> = {},
): { readonly body: Record<string, unknown>; readonly warnings: readonly Warning[] } {
  const context = contextFor(request, facts)
  const { body } = responsesProtocol(() => rules).encode(context.request, context)
  return { body: body as Record<string, unknown>, warnings: context.warnings }
}

const NO_USAGE: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

/** The chunks as a whole answer, and whether they hold the rules of a chunk sequence. */
export function fold(chunks: readonly ChatChunk[]): ChatResponse {
  const collector = createChunkCollector()
  for (const chunk of chunks) collector.push(chunk)
  return collector.response(chunks.at(-1)?.usage ?? NO_USAGE, {} as GatewayMeta)
}
