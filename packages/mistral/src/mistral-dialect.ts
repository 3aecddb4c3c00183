/** Chat Completions with Mistral's own rules: a field that it does not know is 422. */
import {
  isRecord,
  type AudioPart,
  type FilePart,
  type ImagePart,
  type TokenCounts,
} from '@turnout/core/adapter'
import type { ChatBody, ChatDialect, ErrorRow, SettingRules } from '@turnout/openai-compatible'
import { arrangeMessages } from './arrange-messages.js'
import type { MistralModelRules } from './models.js'

const UNKNOWN_FIELD = { drop: 'Mistral has no such setting' }
const SETTINGS: SettingRules = {
  temperature: { max: 1.5 },
  seed: { field: 'random_seed', min: 0 },
  top_k: UNKNOWN_FIELD,
  logit_bias: UNKNOWN_FIELD,
  logprobs: UNKNOWN_FIELD,
  top_logprobs: UNKNOWN_FIELD,
  verbosity: UNKNOWN_FIELD,
  store: UNKNOWN_FIELD,
  user: UNKNOWN_FIELD,
}

const ERRORS: readonly ErrorRow[] = [
  // Their capacity, not the caller's limit, although it may come as 429.
  { words: ['3505'], code: 'overloaded' },
  { message: /service tier capacity exceeded/i, code: 'overloaded' },
  // A batch that is too large says so in words that sound like a context length.
  { words: ['3210', '3230', '3280', 'invalid_function_call'], code: 'invalid_request' },
  { status: 400, message: /too large for model|\bprompt contains [\d,]+ tokens/i, code: 'context_length' },
  { status: 400, words: ['1500', 'invalid_model'], code: 'not_found' },
]

export function mistralDialect(rulesFor: (model: string) => MistralModelRules): ChatDialect {
  return {
    name: 'mistral-chat',
    maxTokensField: 'max_tokens',
    // The last chunk has it unasked, and the field that asks is refused.
    streamUsage: false,
    textParts: 'join',
    systemRole: 'system',
    speakerNames: false,
    needsJsonWord: true,
    toolCallIds: { maxLength: 9, exactLength: 9, pattern: 'alnum' },
    toolNames: { maxLength: 64, allowed: /[A-Za-z0-9_-]/ },
    settings: SETTINGS,
    finishReasons: { model_length: 'length', error: 'error' },
    errors: ERRORS,
    rulesFor,
    encodeMedia,
    readUsage,
    amendBody(body, request, context) {
      body.messages = arrangeMessages(body.messages, context)
      fitResponseFormat(body)
      const asked = request.reasoning_effort ?? 'none'
      if (rulesFor(context.model).reasonsByPromptMode && asked !== 'none') body.prompt_mode = 'reasoning'
    },
  }
}

/** Audio is a string; files are documents by URL, a data URI included, or ids of uploads. */
function encodeMedia(part: ImagePart | AudioPart | FilePart): object | undefined {
  if (part.type === 'image_url') return undefined
  if (part.type === 'input_audio') return { type: 'input_audio', input_audio: part.input_audio.data }
  const { file_id, file_data, file_url, filename } = part.file
  if (file_id !== undefined) return { type: 'file', file_id }
  const document_url = file_data ?? file_url
  return { type: 'document_url', document_url, ...(filename !== undefined && { document_name: filename }) }
}

/** Here the schema is required, and a field beside the known ones is 422 too. */
function fitResponseFormat(body: ChatBody): void {
  const format: { readonly json_schema?: unknown } | undefined = body.response_format
  if (!isRecord(format?.json_schema)) return
  const { name, description, schema = {}, strict } = format.json_schema
  body.response_format = {
    type: 'json_schema',
    json_schema: {
      name,
      ...(typeof description === 'string' && { description }),
      schema,
      ...(typeof strict === 'boolean' && { strict }),
    },
  }
}

/** With audio the prompt's count leaves it out: only the total has it. */
function readUsage(usage: Readonly<Record<string, unknown>>, standard: TokenCounts): TokenCounts {
  const { cachedTokens, audioInput } = standard
  const input = standard.inputTokens ?? 0
  const { total_tokens: total, prompt_token_details: oddDetails } = usage
  const beside = typeof total === 'number' ? Math.max(0, total - input - (standard.outputTokens ?? 0)) : 0
  const oddCached = isRecord(oddDetails) ? oddDetails.cached_tokens : undefined
  return {
    ...standard,
    inputTokens: input + beside,
    cachedTokens: cachedTokens ?? (typeof oddCached === 'number' ? oddCached : undefined),
    audioInput: audioInput ?? (beside > 0 ? beside : undefined),
  }
}
