/** Chat Completions as Alibaba's compatible mode speaks it. */
import type { AudioPart, FilePart, ImagePart } from '@turnout/core/adapter'
import type { ChatDialect, ErrorRow, SettingRules } from '@turnout/openai-compatible'
import type { QwenModelRules } from './models.js'
import { encodeThinking, thinks } from './thinking.js'

const UNKNOWN_FIELD = { drop: 'Qwen has no such setting' }
const SETTINGS: SettingRules = {
  // 2 itself is refused.
  temperature: { min: 0, max: 1.99 },
  frequency_penalty: UNKNOWN_FIELD,
  logit_bias: UNKNOWN_FIELD,
  user: UNKNOWN_FIELD,
  metadata: UNKNOWN_FIELD,
  store: UNKNOWN_FIELD,
  verbosity: UNKNOWN_FIELD,
  service_tier: UNKNOWN_FIELD,
  prompt_cache_key: UNKNOWN_FIELD,
}

const ERRORS: readonly ErrorRow[] = [
  { words: ['arrearage'], code: 'quota_exhausted' },
  { words: ['allocationquota.freetieronly'], code: 'quota_exhausted' },
  { words: ['data_inspection_failed', 'datainspectionfailed'], code: 'content_filtered' },
  { status: 400, message: /range of input length should be/i, code: 'context_length' },
  // Elsewhere the word for an empty wallet; here a throttle of tokens a minute, unless it speaks of the free tier.
  {
    words: ['insufficient_quota', 'throttling.allocationquota'],
    message: /free (?:tier|allocated quota)/i,
    code: 'quota_exhausted',
  },
  {
    words: [
      'insufficient_quota',
      'throttling',
      'throttling.allocationquota',
      'throttling.ratequota',
      'throttling.burstrate',
      'limit_requests',
      'limit_burst_rate',
    ],
    code: 'rate_limited',
  },
  { words: ['invalidapikey'], code: 'authentication' },
  { words: ['accessdenied', 'model.accessdenied', 'access_denied'], code: 'permission' },
  { words: ['modelunavailable', 'modelservingerror', 'model_unavailable'], code: 'overloaded' },
  { words: ['internalerror', 'internal_error'], code: 'upstream_error' },
]

export function qwenDialect(rulesFor: (model: string) => QwenModelRules): ChatDialect {
  return {
    name: 'qwen-chat',
    maxTokensField: 'max_tokens',
    streamUsage: true,
    textParts: 'join',
    systemRole: 'system',
    needsJsonWord: true,
    cacheMark: 'cache_control',
    toolNames: { maxLength: 64, allowed: /[A-Za-z0-9_-]/ },
    settings: SETTINGS,
    errors: ERRORS,
    rulesFor,
    encodeMedia,
    reasons: (request, context) => thinks(request, context, rulesFor(context.model)),
    amendBody(body, request, context) {
      // Off by default here, on by default in the shape that callers know.
      if (body.tools && request.parallel_tool_calls === undefined) body.parallel_tool_calls = true
      encodeThinking(body, request, context, rulesFor(context.model))
    },
  }
}

/** Audio wants a data URI or an address. */
function encodeMedia(part: ImagePart | AudioPart | FilePart): object | undefined {
  if (part.type !== 'input_audio') return undefined
  const { data, format } = part.input_audio
  const uri = /^(?:data:|https?:)/i.test(data) ? data : `data:;base64,${data}`
  return { type: 'input_audio', input_audio: { data: uri, format } }
}
