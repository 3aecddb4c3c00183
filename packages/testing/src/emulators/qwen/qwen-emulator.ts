import { chatErrors } from '../chat-completions/chat-errors.js'
import { chatVendor } from '../chat-completions/chat-vendor.js'
import type { ChatProfile } from '../chat-completions/chat-profile.js'
import { refuseParameter } from '../chat-completions/validate-chat.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { madeUpHex } from '../made-up.js'
import { isRecord, textOf, type JsonRecord } from '../read-json.js'
import { startEmulator } from '../start-emulator.js'

/**
 * Starts a server that speaks as Alibaba's compatible mode does: thinking with a switch and a budget, open models that
 * only think in streams, a form or a forced tool refused meanwhile.
 *
 * @example
 * await using server = await qwenEmulator({ replies: 'West Lake.' })
 * const adapter = qwen({ apiKey: 'any', baseURL: server.baseURL })
 */
export function qwenEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(chatVendor(qwenProfile), options)
}

const qwenProfile: ChatProfile = {
  name: 'qwen',
  basePath: '/compatible-mode/v1',
  rules: refuseWhatQwenRefuses,
  messages: {
    parts: { user: ['text', 'image_url', 'input_audio', 'video', 'video_url'] },
    checkPart: checkAudio,
    toolCallId: { pattern: /./, refusal: () => 'tool_call_id must not be empty' },
  },
  reasoningField: 'reasoning_content',
  toolCalls: 'fragments',
  makeToolCallId: (random) => `call_${madeUpHex(24, random)}`,
  streamUsage: { place: 'own-chunk', when: 'asked' },
  writeUsage: (usage) => ({
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedTokens,
      cache_creation_input_tokens: usage.cacheWriteTokens,
    },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  }),
  extras: { system_fingerprint: null },
  ping: ': keep-alive\n\n',
  ...chatErrors({
    rows: {
      authentication: { code: 'invalid_api_key', message: 'Incorrect API key provided. ' },
      permission: { code: 'Model.AccessDenied', message: 'Model access denied.' },
      rate_limited: {
        type: 'limit_requests',
        code: 'limit_requests',
        message: 'You exceeded your current requests list.',
      },
      quota_exhausted: {
        status: 400,
        type: 'Arrearage',
        code: 'Arrearage',
        message: 'Access denied, please make sure your account is in good standing.',
      },
      context_length: {
        code: 'invalid_parameter_error',
        message: 'Range of input length should be [1, 129024]',
      },
      content_filtered: {
        type: 'data_inspection_failed',
        code: 'data_inspection_failed',
        message: 'Input data may contain inappropriate content.',
      },
      overloaded: {
        type: 'ModelUnavailable',
        code: 'ModelUnavailable',
        message: 'Model is unavailable, please try again later.',
      },
      upstream_error: {
        type: 'internal_error',
        code: 'internal_error',
        message: 'An internal error has occurred.',
      },
    },
    body: ({ message, type, code, param }) => ({
      error: { message, type, param, code },
      request_id: 'emulated-request',
    }),
  }),
  headers: (random) => ({ 'x-request-id': madeUpHex(32, random) }),
  embeddingDimensions: () => 1_024,
  models: ['qwen-plus', 'qwen-max', 'qwen3-32b', 'qwq-plus', 'text-embedding-v4'],
  ownedBy: 'system',
}

function checkAudio(part: JsonRecord, type: string, path: string): boolean {
  if (type !== 'input_audio') return type.startsWith('video')
  const audio = part['input_audio']
  if (!isRecord(audio) || !/^(?:data:|https?:)/.test(textOf(audio['data'])))
    refuseParameter('The provided URL does not appear to be valid.', path)
  return true
}

/** @throws Refusal */
function refuseWhatQwenRefuses(body: JsonRecord): void {
  const model = textOf(body['model'])
  const { temperature } = body as { temperature?: unknown }
  if (typeof temperature === 'number' && temperature >= 2)
    refuseParameter("'temperature' must be in [0.0, 2.0)", 'temperature')
  const isOpen = /^qwen3-\d/.test(model)
  const alwaysThinks = /^qwq|-thinking\b/.test(model)
  const on = body['enable_thinking'] ?? (isOpen || alwaysThinks || /^qwen3\.\d/.test(model))
  if (alwaysThinks && body['enable_thinking'] === false)
    refuseParameter('This model does not support enable_thinking=false.', 'enable_thinking')
  if (on !== true) return
  if ((isOpen || alwaysThinks) && body['stream'] !== true)
    refuseParameter(
      'parameter.enable_thinking must be set to false for non-streaming calls',
      'enable_thinking',
    )
  const choice = body['tool_choice']
  if (choice === 'required' || isRecord(choice))
    refuseParameter(
      'The tool_choice parameter does not support being set to required or object in thinking mode',
      'tool_choice',
    )
  if (isRecord(body['response_format']) && body['response_format']['type'] !== 'text')
    refuseParameter('Json mode response is not supported when enable_thinking is true', 'response_format')
}
