import type { ChatMessage, ChatRequest, JsonObject } from '@turnout/core/adapter'
import type { OpenAIModelRules } from './models.js'

export type OpenAIApi = 'chat' | 'responses'

/** Fields under `provider_options.openai` that only one of the two APIs has. */
const CHAT_ONLY = [
  'modalities',
  'audio',
  'prediction',
  'web_search_options',
  'stop',
  'seed',
  'n',
  'logit_bias',
  'presence_penalty',
  'frequency_penalty',
  'response_format',
  'reasoning_effort',
  'verbosity',
  'max_completion_tokens',
]
const RESPONSES_ONLY = [
  'previous_response_id',
  'conversation',
  'include',
  'reasoning',
  'instructions',
  'input',
  'truncation',
  'background',
  'text',
  'prompt',
  'max_output_tokens',
  'max_tool_calls',
  'context_management',
]

/**
 * Which API serves a request best:
 *
 * 1. what only one of them can do at all decides: models of the Responses API, tools beside reasoning from gpt-5.4 on,
 *    files by URL there; audio and audio output here;
 * 2. fields of the caller's own for one API decide;
 * 3. models that reason go to Responses (reasoning kept over tool turns, summaries), unless the request asks for
 *    something that only Chat Completions has and that the model takes: `n`, and while it does not reason also
 *    `stop`, `seed`, `logprobs`, `logit_bias` and the penalties;
 * 4. all others go to Chat Completions.
 */
export function chooseApi(request: ChatRequest, rules: OpenAIModelRules): OpenAIApi {
  const { reasoning } = rules
  if (rules.responsesOnly) return 'responses'
  const reasons = willReason(request, rules)
  if (reasons && rules.noToolsWhileReasoningInChat && request.tools?.length) return 'responses'
  const own = request.provider_options?.openai
  if (own && hasOwnField(own, RESPONSES_ONLY)) return 'responses'
  if (own && hasOwnField(own, CHAT_ONLY)) return 'chat'
  const part = decidingPart(request.messages)
  if (part) return part
  if (!reasoning) return 'chat'
  if (hasValue(request.n, 1)) return 'chat'
  return !reasons && wantsChatSettings(request) ? 'chat' : 'responses'
}

/** The model will reason on this request, as far as the rules tell. */
export function willReason(request: ChatRequest, { reasoning }: OpenAIModelRules): boolean {
  if (!reasoning) return false
  return (request.reasoning_effort ?? reasoning.default) !== 'none' || !reasoning.efforts.includes('none')
}

function wantsChatSettings(request: ChatRequest): boolean {
  const { stop, seed, logprobs, logit_bias, presence_penalty, frequency_penalty } = request
  return (
    hasValue(stop) ||
    hasValue(seed) ||
    hasValue(logit_bias) ||
    hasValue(logprobs, false) ||
    hasValue(presence_penalty, 0) ||
    hasValue(frequency_penalty, 0)
  )
}

function hasValue(value: unknown, neutral?: unknown): boolean {
  return value !== undefined && value !== null && value !== neutral
}

function hasOwnField(options: JsonObject, fields: readonly string[]): boolean {
  return fields.some((field) => Object.hasOwn(options, field))
}

/** Audio is heard by Chat Completions only, files are fetched by Responses only. */
function decidingPart(messages: readonly ChatMessage[]): OpenAIApi | undefined {
  for (const { content } of messages) {
    if (!Array.isArray(content)) continue
    for (const part of content) {
      if (part.type === 'input_audio') return 'chat'
      if (part.type === 'file' && part.file.file_url !== undefined) return 'responses'
    }
  }
  return undefined
}
