import { chatErrors } from '../chat-completions/chat-errors.js'
import { chatVendor } from '../chat-completions/chat-vendor.js'
import type { ChatProfile } from '../chat-completions/chat-profile.js'
import { refuseParameter } from '../chat-completions/validate-chat.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { madeUpId } from '../made-up.js'
import { isRecord, recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { startEmulator } from '../start-emulator.js'

/**
 * Starts a server that speaks as DeepSeek does: `reasoning_content` that must come back while the model thinks,
 * usage on the chunk with the reason, keep-alive comments, text alone.
 *
 * @example
 * await using server = await deepseekEmulator({ replies: { text: '4', reasoning: 'Two and two.' } })
 * const adapter = deepseek({ apiKey: 'any', baseURL: server.baseURL })
 */
export function deepseekEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(chatVendor(deepseekProfile), options)
}

const deepseekProfile: ChatProfile = {
  name: 'deepseek',
  basePath: '',
  rules: refuseWhatDeepSeekRefuses,
  messages: {
    parts: { user: ['text'], assistant: ['text'] },
    toolCallId: { pattern: /./, refusal: () => 'tool_call_id must not be empty' },
  },
  maxStops: 16,
  reasoningField: 'reasoning_content',
  toolCalls: 'fragments',
  makeToolCallId: (random) => madeUpId('call_00_', 24, random),
  streamUsage: { place: 'finish-chunk', when: 'always' },
  writeUsage: (usage) => ({
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
    prompt_cache_hit_tokens: usage.cachedTokens,
    prompt_cache_miss_tokens: usage.inputTokens - usage.cachedTokens,
  }),
  extras: { system_fingerprint: 'fp_emulator_prod' },
  ping: ': keep-alive\n\n',
  ...chatErrors({
    rows: {
      authentication: {
        type: 'authentication_error',
        code: 'invalid_request_error',
        message: 'Authentication Fails, Your api key is invalid',
      },
      permission: { type: 'permission_error', code: 'invalid_request_error', message: 'No permission' },
      rate_limited: { type: 'rate_limit_error', code: 'rate_limit_error', message: 'Rate limit reached' },
      quota_exhausted: {
        status: 402,
        type: 'unknown_error',
        code: 'invalid_request_error',
        message: 'Insufficient Balance',
      },
      context_length: {
        type: 'invalid_request_error',
        code: 'invalid_request_error',
        message:
          "This model's maximum context length is 1000000 tokens. However, you requested 1200000 tokens.",
      },
      content_filtered: {
        type: 'invalid_request_error',
        code: 'content_filter',
        message: 'Content Exists Risk',
      },
      overloaded: {
        type: 'service_unavailable_error',
        code: 'service_unavailable_error',
        message: 'Service is too busy.',
      },
    },
    headers: { 'content-type': 'application/octet-stream' },
  }),
  headers: (random) => ({ 'x-ds-trace-id': madeUpId('', 24, random) }),
  models: ['deepseek-v4-flash', 'deepseek-v4-pro', 'deepseek-chat', 'deepseek-reasoner'],
  ownedBy: 'deepseek',
}

/** @throws Refusal */
function refuseWhatDeepSeekRefuses(body: JsonRecord): void {
  const model = textOf(body['model'])
  const messages = recordsOf(body['messages'])
  if (messages.some(({ role }) => role === 'developer'))
    refuseParameter(
      'unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool`',
      'messages',
    )
  const format = body['response_format']
  if (isRecord(format) && format['type'] === 'json_schema')
    refuseParameter('This response_format type is unavailable now', 'response_format')
  if (!isThinking(body, model)) return
  const choice = body['tool_choice']
  if (choice === 'required' || isRecord(choice))
    refuseParameter(`${model} does not support this tool_choice`, 'tool_choice')
  const silent = messages.find(
    (message) => message['role'] === 'assistant' && typeof message['reasoning_content'] !== 'string',
  )
  if (silent)
    refuseParameter(
      'The `reasoning_content` in the thinking mode must be passed back to the API.',
      'messages',
    )
}

function isThinking(body: JsonRecord, model: string): boolean {
  const thinking = body['thinking']
  if (isRecord(thinking)) return thinking['type'] === 'enabled'
  return model !== 'deepseek-chat'
}
