/** Which settings OpenAI's model families refuse in Chat Completions. */
import { isGiven, isRecord, type JsonRecord } from '../read-json.js'
import { refuseParameter } from '../chat-completions/validate-chat.js'

interface Family {
  readonly models: RegExp
  /** Effort when the request names none; `none` means no reasoning. */
  readonly defaultEffort: string
  /** Function tools are refused in Chat Completions while reasoning is on. */
  readonly toolsNeedResponses: boolean
}

/** First match wins; a model of no family does not reason. */
const FAMILIES: readonly Family[] = [
  // xAI's, whose Responses are emulated by the same code.
  { models: /^grok-(?:3-mini|4\.[35-9])/, defaultEffort: 'high', toolsNeedResponses: false },
  { models: /^gpt-5(?:\.\d+)?-chat/, defaultEffort: 'none', toolsNeedResponses: false },
  { models: /^o\d/, defaultEffort: 'medium', toolsNeedResponses: false },
  { models: /^gpt-5(?:-|$)/, defaultEffort: 'medium', toolsNeedResponses: false },
  { models: /^gpt-5\.[1-3](?:-pro|-codex)/, defaultEffort: 'medium', toolsNeedResponses: false },
  { models: /^gpt-5\.[1-3]/, defaultEffort: 'none', toolsNeedResponses: false },
  { models: /^gpt-5\.4/, defaultEffort: 'none', toolsNeedResponses: true },
  { models: /^gpt-(?:5\.[5-9]|[6-9])/, defaultEffort: 'medium', toolsNeedResponses: true },
]

const SAMPLING = [
  'top_p',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
] as const

/** The effort with which a model answers: what was asked, else its default; `undefined` when it cannot reason. */
export function openaiEffort(model: string, asked: unknown): string | undefined {
  const family = FAMILIES.find(({ models }) => models.test(model))
  if (!family) return undefined
  return typeof asked === 'string' ? asked : family.defaultEffort
}

/** @throws Refusal */
export function openaiChatRules(body: JsonRecord): void {
  const model = body['model'] as string
  const family = FAMILIES.find(({ models }) => models.test(model))
  const effort = openaiEffort(model, body['reasoning_effort'])
  if (!family) {
    if (isGiven(body['reasoning_effort'])) refuseUnsupported('reasoning_effort', model)
    return
  }
  if (isGiven(body['max_tokens'])) {
    refuseParameter(
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      'max_tokens',
      'unsupported_parameter',
    )
  }
  if (effort === 'none') return
  if (isGiven(body['temperature']) && body['temperature'] !== 1) {
    refuseParameter(
      `Unsupported value: 'temperature' does not support ${JSON.stringify(body['temperature'])} with this model. Only the default (1) value is supported.`,
      'temperature',
      'unsupported_value',
    )
  }
  for (const name of SAMPLING) if (isGiven(body[name])) refuseUnsupported(name, model)
  if (/^o\d/.test(model) && isGiven(body['stop'])) refuseUnsupported('stop', model)
  const tools = body['tools']
  if (family.toolsNeedResponses && Array.isArray(tools) && tools.some(isRecord)) {
    refuseParameter(
      `Function tools with reasoning_effort are not supported for ${model} in /v1/chat/completions. Please use /v1/responses instead.`,
      'reasoning_effort',
      null,
    )
  }
}

function refuseUnsupported(name: string, model: string): never {
  refuseParameter(
    `Unsupported parameter: '${name}' is not supported with this model (${model}).`,
    name,
    'unsupported_parameter',
  )
}
