import { chatErrors } from '../chat-completions/chat-errors.js'
import { chatVendor } from '../chat-completions/chat-vendor.js'
import type { ChatProfile } from '../chat-completions/chat-profile.js'
import { refuseParameter } from '../chat-completions/validate-chat.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { madeUpHex, madeUpId } from '../made-up.js'
import { recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { startEmulator } from '../start-emulator.js'

/**
 * Starts a server that speaks as Mistral does: a strict order of roles, ids of nine letters and digits, no unknown
 * field, thinking as parts of the content.
 *
 * @example
 * await using server = await mistralEmulator({ replies: 'Bonjour !' })
 * const adapter = mistral({ apiKey: 'any', baseURL: server.baseURL })
 */
export function mistralEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(chatVendor(mistralProfile), options)
}

const FIELDS = [
  'frequency_penalty',
  'guardrails',
  'max_tokens',
  'messages',
  'metadata',
  'model',
  'n',
  'parallel_tool_calls',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_mode',
  'random_seed',
  'reasoning_effort',
  'response_format',
  'safe_prompt',
  'service_tier',
  'stop',
  'stream',
  'temperature',
  'tool_choice',
  'tools',
  'top_p',
]

const mistralProfile: ChatProfile = {
  name: 'mistral',
  basePath: '/v1',
  knownFields: FIELDS,
  rules: refuseOrder,
  messages: {
    parts: {
      user: ['text', 'image_url', 'input_audio', 'document_url', 'file', 'reference', 'thinking'],
      assistant: ['text', 'thinking', 'reference'],
    },
    checkPart,
    toolCallId: {
      pattern: /^[a-zA-Z0-9]{9}$/,
      refusal: (id) => `Tool call id was ${id} but must be a-z, A-Z, 0-9, with a length of 9.`,
    },
  },
  maxStops: 64,
  reasoningField: 'thinking-parts',
  toolCalls: 'whole',
  makeToolCallId: (random) => madeUpId('', 9, random),
  streamUsage: { place: 'finish-chunk', when: 'always' },
  writeUsage: (usage) => ({
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  }),
  ping: ': keep-alive\n\n',
  ...chatErrors({
    rows: {
      invalid_request: { type: 'invalid_request_error', code: '3000' },
      authentication: { code: '1000', message: 'Unauthorized' },
      not_found: { status: 400, type: 'invalid_model', code: '1500', message: 'Invalid model' },
      rate_limited: { type: 'rate_limited', code: '1300', message: 'Rate limit exceeded' },
      quota_exhausted: { status: 402, type: 'payment_required', code: null, message: 'Payment required' },
      context_length: {
        type: 'invalid_request_error',
        code: '3051',
        message: 'Prompt is too large for model with 131072 maximum context length',
      },
      overloaded: {
        type: 'service_tier_capacity_exceeded',
        code: '3505',
        message: 'Service tier capacity exceeded for this model.',
      },
      upstream_error: { type: 'internal_server_error', code: '1000', message: 'Internal Server Error' },
    },
    body: ({ status, message, type, param, code }) =>
      code === 'unknown_parameter'
        ? {
            detail: [
              { type: 'extra_forbidden', loc: ['body', param], msg: 'Extra inputs are not permitted' },
            ],
          }
        : { object: 'error', message, type, param, code, raw_status_code: status },
  }),
  headers: (random) => ({ 'mistral-correlation-id': madeUpHex(32, random) }),
  embeddingDimensions: () => 1_024,
  models: ['mistral-large-latest', 'mistral-small-latest', 'magistral-medium-latest', 'mistral-embed'],
  ownedBy: 'mistralai',
}

/** Audio is a string here, and documents are addresses. */
function checkPart(part: JsonRecord, type: string, path: string): boolean {
  if (type === 'input_audio' && typeof part['input_audio'] !== 'string')
    refuseParameter('Input should be a valid string', path)
  if (type === 'document_url' && typeof part['document_url'] !== 'string')
    refuseParameter('Input should be a valid string', path)
  return type !== 'text' && type !== 'image_url'
}

/** @throws Refusal */
function refuseOrder(body: JsonRecord): void {
  let previous = ''
  const messages = recordsOf(body['messages'])
  messages.forEach((message, i) => {
    const role = textOf(message['role'])
    if (role === 'developer')
      refuseParameter(
        'Input tag developer found using role does not match any of the expected tags',
        'messages',
      )
    const isWrong =
      (role === 'user' && previous === 'tool') ||
      (role === 'system' && (previous === 'assistant' || previous === 'tool'))
    if (isWrong) refuseParameter(`Unexpected role '${role}' after role '${previous}'`, 'messages', '3230')
    if (
      role === 'assistant' &&
      !message['tool_calls'] &&
      i === messages.length - 1 &&
      message['prefix'] !== true
    )
      refuseParameter(
        'Expected last role User or Tool (or Assistant with prefix True) for serving but got assistant',
        'messages',
        '3230',
      )
    previous = role
  })
}
