/** OpenAI's own Chat Completions. */
import type { ScriptedUsage } from '../../script/reply.js'
import type { ChatProfile } from '../chat-completions/chat-profile.js'
import { madeUpHex, madeUpId } from '../made-up.js'
import type { JsonRecord } from '../read-json.js'
import { openaiErrorAnswer, openaiErrorBody, openaiKeyRefusal, openaiUnknownPath } from './openai-errors.js'
import { openaiChatRules } from './openai-model-rules.js'
import { responsesEndpoints } from './responses/responses-endpoints.js'

/** Every top-level field of the documented request; anything else is a 400. */
const CHAT_FIELDS = [
  'audio',
  'frequency_penalty',
  'function_call',
  'functions',
  'logit_bias',
  'logprobs',
  'max_completion_tokens',
  'max_tokens',
  'messages',
  'metadata',
  'modalities',
  'model',
  'moderation',
  'n',
  'parallel_tool_calls',
  'prediction',
  'presence_penalty',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning_effort',
  'response_format',
  'safety_identifier',
  'seed',
  'service_tier',
  'stop',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'user',
  'verbosity',
  'web_search_options',
]

export const openaiProfile: ChatProfile = {
  name: 'openai',
  basePath: '/v1',
  knownFields: CHAT_FIELDS,
  rules: openaiChatRules,
  toolCalls: 'fragments',
  makeToolCallId: (random) => madeUpId('call_', 24, random),
  forcedChoiceStops: true,
  streamUsage: { place: 'own-chunk', when: 'asked' },
  writeUsage: openaiUsage,
  extras: { service_tier: 'default', system_fingerprint: 'fp_emulator00' },
  ping: ': keep-alive\n\n',
  errorAnswer: openaiErrorAnswer,
  streamError: (error) => openaiErrorBody(error),
  keyRefusal: openaiKeyRefusal,
  unknownPath: openaiUnknownPath,
  headers: openaiHeaders,
  embeddingDimensions: (model) => (model.includes('large') ? 3_072 : 1_536),
  models: [
    'gpt-4o',
    'gpt-4o-mini',
    'gpt-4.1',
    'gpt-4.1-mini',
    'gpt-5',
    'gpt-5-mini',
    'text-embedding-3-small',
    'text-embedding-3-large',
  ],
  ownedBy: 'openai',
  endpoints: responsesEndpoints,
}

export function openaiUsage(usage: Required<ScriptedUsage>): JsonRecord {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      audio_tokens: 0,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

export function openaiHeaders(random: () => number): Readonly<Record<string, string>> {
  return {
    'x-request-id': `req_${madeUpHex(32, random)}`,
    'openai-version': '2020-10-01',
    'openai-organization': 'emulator',
    'openai-processing-ms': '12',
    'x-ratelimit-limit-requests': '10000',
    'x-ratelimit-limit-tokens': '2000000',
    'x-ratelimit-remaining-requests': '9999',
    'x-ratelimit-remaining-tokens': '1999000',
    'x-ratelimit-reset-requests': '6ms',
    'x-ratelimit-reset-tokens': '30ms',
  }
}
