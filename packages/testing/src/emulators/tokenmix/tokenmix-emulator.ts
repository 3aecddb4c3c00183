import { chatErrors } from '../chat-completions/chat-errors.js'
import { chatVendor } from '../chat-completions/chat-vendor.js'
import type { ChatProfile } from '../chat-completions/chat-profile.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { madeUpId } from '../made-up.js'
import { startEmulator } from '../start-emulator.js'

/**
 * Starts a server that speaks as TokenMix is documented to: OpenAI's dialect, 402 for an empty wallet. Nothing beyond
 * that is public, so it is no stricter than OpenAI's own messages demand.
 *
 * @example
 * await using server = await tokenmixEmulator({ replies: 'Hello!' })
 * const adapter = tokenmix({ apiKey: 'any', baseURL: server.baseURL })
 */
export function tokenmixEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(chatVendor(tokenmixProfile), options)
}

const tokenmixProfile: ChatProfile = {
  name: 'tokenmix',
  basePath: '/v1',
  reasoningField: 'reasoning_content',
  toolCalls: 'fragments',
  makeToolCallId: (random) => madeUpId('call_', 24, random),
  streamUsage: { place: 'own-chunk', when: 'asked' },
  writeUsage: (usage) => ({
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  }),
  ping: ': keep-alive\n\n',
  ...chatErrors({
    rows: {
      quota_exhausted: {
        status: 402,
        type: 'insufficient_balance',
        code: 'insufficient_balance',
        message: 'Your wallet is empty.',
      },
      rate_limited: { message: 'RPM limit reached' },
    },
  }),
  headers: (random) => ({ 'x-request-id': madeUpId('', 24, random) }),
  embeddingDimensions: () => 1_536,
  models: ['gpt-4o-mini', 'claude-sonnet-4-6', 'deepseek/deepseek-v4-pro'],
  ownedBy: 'tokenmix',
}
