import { chatErrors } from '../chat-completions/chat-errors.js'
import { chatVendor } from '../chat-completions/chat-vendor.js'
import type { ChatProfile } from '../chat-completions/chat-profile.js'
import { refuseParameter } from '../chat-completions/validate-chat.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { madeUpHex, madeUpId } from '../made-up.js'
import { responsesEndpoints } from '../openai/responses/responses-endpoints.js'
import { isGiven, recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { startEmulator } from '../start-emulator.js'

/**
 * Starts a server that speaks as xAI does: a wrong key is 400, errors are `{ code, error }`, counts of completion leave
 * reasoning out, models that reason refuse `stop` and the penalties. It speaks Responses too.
 *
 * @example
 * await using server = await xaiEmulator({ replies: '42' })
 * const adapter = xai({ apiKey: 'any', baseURL: server.baseURL })
 */
export function xaiEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(chatVendor(xaiProfile), options)
}

const TICKS_PER_TOKEN = 20_000

const xaiProfile: ChatProfile = {
  name: 'xai',
  basePath: '/v1',
  rules: refuseWhatXaiRefuses,
  messages: { toolCallId: { pattern: /./, refusal: () => 'tool_call_id must not be empty' } },
  needsJsonWord: false,
  reasoningField: 'reasoning_content',
  toolCalls: 'whole',
  makeToolCallId: (random) => madeUpId('call_', 8, random),
  streamUsage: { place: 'own-chunk', when: 'asked' },
  writeUsage: (usage) => ({
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens - usage.reasoningTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    num_sources_used: 0,
    cost_in_usd_ticks: (usage.inputTokens + usage.outputTokens) * TICKS_PER_TOKEN,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  }),
  extras: { system_fingerprint: 'fp_emulator00' },
  ping: ': keep-alive\n\n',
  ...chatErrors({
    rows: {
      invalid_request: { code: 'Client specified an invalid argument' },
      authentication: {
        status: 400,
        code: 'Client specified an invalid argument',
        message: 'Incorrect API key provided: em***or.',
      },
      permission: {
        code: 'The caller does not have permission',
        message: 'This model is not available to your team.',
      },
      not_found: { code: 'Some requested entity was not found', message: 'The model does not exist.' },
      rate_limited: { code: 'Some resource has been exhausted', message: 'Too many requests for your team.' },
      quota_exhausted: {
        status: 403,
        code: 'The caller does not have permission',
        message: 'Your team has either used all available credits or reached its monthly spending limit.',
      },
      context_length: {
        code: 'Client specified an invalid argument',
        message:
          "This model's maximum prompt length is 256000 but the request contains 300000 tokens: context length.",
      },
      overloaded: { code: 'The service is currently unavailable', message: 'The model is at capacity.' },
      upstream_error: { code: 'Internal error', message: 'Something went wrong.' },
    },
    body: ({ code, message }) => ({ code, error: message }),
  }),
  headers: (random) => ({ 'x-request-id': madeUpHex(32, random), 'x-ratelimit-remaining-requests': '479' }),
  models: ['grok-4.5', 'grok-4', 'grok-3', 'grok-3-mini'],
  ownedBy: 'xai',
  endpoints: responsesEndpoints,
}

/** @throws Refusal */
function refuseWhatXaiRefuses(body: JsonRecord): void {
  const model = textOf(body['model'])
  const effort = body['reasoning_effort']
  const reasons = /^grok-(?:3-mini|4)/.test(model) && !model.includes('non-reasoning') && effort !== 'none'
  if (reasons) {
    for (const name of ['stop', 'presence_penalty', 'frequency_penalty'])
      if (isGiven(body[name])) refuseParameter(`Argument not supported on this model: ${name}`, name)
  }
  const takesEffort = /^grok-(?:3-mini|4\.[35-9])/.test(model)
  if (isGiven(effort) && (!takesEffort || (effort === 'none' && !model.startsWith('grok-4.3'))))
    refuseParameter(`Model ${model} does not support parameter reasoningEffort.`, 'reasoning_effort')
  const empty = recordsOf(body['messages']).some(
    (message) => message['role'] === 'assistant' && !message['tool_calls'] && !isGiven(message['content']),
  )
  if (empty) refuseParameter('Each message must have at least one content element.', 'messages')
}
