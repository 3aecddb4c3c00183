import { chatErrors } from '../chat-completions/chat-errors.js'
import { chatVendor } from '../chat-completions/chat-vendor.js'
import type { ChatProfile } from '../chat-completions/chat-profile.js'
import { refuseParameter } from '../chat-completions/validate-chat.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { madeUpId } from '../made-up.js'
import { recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { startEmulator } from '../start-emulator.js'

/**
 * Starts a server that speaks as OpenRouter does: `reasoning_details` that must come back unchanged, usage with its
 * cost on a chunk with an empty choice, `: OPENROUTER PROCESSING` comments, errors with metadata.
 *
 * @example
 * await using server = await openrouterEmulator({ replies: 'Hello!' })
 * const adapter = openrouter({ apiKey: 'any', baseURL: server.baseURL })
 */
export function openrouterEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(chatVendor(openrouterProfile), options)
}

/** USD per token, in and out alike. */
const PRICE = 0.000_001

const openrouterProfile: ChatProfile = {
  name: 'openrouter',
  basePath: '/api/v1',
  rules: refuseEditedReasoning,
  messages: { toolCallId: { pattern: /./, refusal: () => 'tool_call_id must not be empty' } },
  needsJsonWord: false,
  reasoningField: 'reasoning',
  reasoningDetails: (text) => [
    { type: 'reasoning.text', text, signature: signatureOf(text), format: 'anthropic-claude-v1', index: 0 },
  ],
  toolCalls: 'fragments',
  makeToolCallId: (random) => madeUpId('toolu_', 24, random),
  streamUsage: { place: 'empty-choice', when: 'always' },
  writeUsage: (usage) => ({
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    cost: (usage.inputTokens + usage.outputTokens) * PRICE,
    is_byok: false,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens, cache_write_tokens: usage.cacheWriteTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  }),
  extras: { provider: 'Emulated' },
  ping: ': OPENROUTER PROCESSING\n\n',
  ...chatErrors({
    rows: {
      authentication: { message: 'User not found.' },
      permission: { status: 403, message: 'This model is not available in your region.' },
      not_found: { message: 'No endpoints found for this model.' },
      rate_limited: { message: 'Rate limit exceeded: limit_rpm' },
      quota_exhausted: { status: 402, message: 'Insufficient credits. Add more using your account page.' },
      context_length: {
        code: 'context_length_exceeded',
        message: 'This endpoint has a maximum context length of 128000 tokens.',
      },
      content_filtered: { status: 403, code: 'content_policy_violation', message: 'Your input was flagged.' },
      overloaded: { status: 503, code: 'provider_overloaded', message: 'Provider returned error' },
      upstream_error: { status: 502, message: 'Provider disconnected' },
    },
    body: ({ status, message, code }) => ({
      error: {
        code: status,
        message,
        ...(code !== null && { metadata: { error_type: code, provider_name: 'Emulated' } }),
      },
      user_id: 'user_emulated',
    }),
  }),
  headers: (random) => ({ 'x-generation-id': madeUpId('gen-', 20, random) }),
  embeddingDimensions: () => 1_536,
  models: ['meta-llama/llama-4-maverick', 'anthropic/claude-sonnet-4.6'],
  ownedBy: 'openrouter',
}

const signatureOf = (text: string): string => `signed:${Buffer.from(text).toString('base64')}`

/**
 * The upstream would check its signatures. In a stream each piece has its own; joined, they sign the joined text.
 * @throws Refusal
 */
function refuseEditedReasoning(body: JsonRecord): void {
  for (const message of recordsOf(body['messages'])) {
    for (const detail of recordsOf(message['reasoning_details'])) {
      const signed = textOf(detail['signature'])
        .split('signed:')
        .map((piece) => Buffer.from(piece, 'base64').toString())
        .join('')
      if (signed !== textOf(detail['text']))
        refuseParameter(
          'Invalid signature in reasoning_details: it must be passed back unchanged',
          'messages',
        )
    }
  }
}
