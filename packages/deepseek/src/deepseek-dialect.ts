/** Chat Completions with DeepSeek's own rules. */
import { changeSetting, isRecord, type ChatRequest, type ProtocolContext } from '@turnout/core/adapter'
import type { ChatBody, ChatDialect, ErrorRow, SettingRules } from '@turnout/openai-compatible'
import type { DeepSeekModelRules } from './models.js'

const UNKNOWN_FIELD = { drop: 'DeepSeek has no such setting' }
const SETTINGS: SettingRules = {
  temperature: { min: 0, max: 2 },
  stop: { maxItems: 16 },
  top_k: UNKNOWN_FIELD,
  seed: UNKNOWN_FIELD,
  n: UNKNOWN_FIELD,
  logit_bias: UNKNOWN_FIELD,
  verbosity: UNKNOWN_FIELD,
  service_tier: UNKNOWN_FIELD,
  prompt_cache_key: UNKNOWN_FIELD,
  store: UNKNOWN_FIELD,
  metadata: UNKNOWN_FIELD,
  user: UNKNOWN_FIELD,
  parallel_tool_calls: UNKNOWN_FIELD,
}

const ERRORS: readonly ErrorRow[] = [
  // Also a finish reason: the answer was cut because the service ran out of room.
  { message: /insufficient[_ ]system[_ ]resource/i, code: 'overloaded' },
  { message: /insufficient balance/i, code: 'quota_exhausted' },
]

type Thinking = 'enabled' | 'disabled' | undefined

export function deepseekDialect(rulesFor: (model: string) => DeepSeekModelRules): ChatDialect {
  /** What the request makes of thinking; `undefined`: it leaves it to the model. */
  const thinkingOf = (request: ChatRequest, { adapter, model }: ProtocolContext): Thinking => {
    const own = ownThinking(request, adapter)
    if (own) return own
    const effort = request.reasoning_effort ?? undefined
    const { thinkingSwitch, reasoning } = rulesFor(model)
    if (!thinkingSwitch || !reasoning) return undefined
    if (effort !== undefined) return effort === 'none' ? 'disabled' : 'enabled'
    return isForced(request) && reasoning.default !== 'none' ? 'disabled' : undefined
  }
  const thinks = (request: ChatRequest, context: ProtocolContext): boolean => {
    const { reasoning } = rulesFor(context.model)
    const asked = thinkingOf(request, context)
    return asked
      ? asked === 'enabled'
      : Boolean(reasoning) && reasoning !== false && reasoning?.default !== 'none'
  }
  return {
    name: 'deepseek-chat',
    maxTokensField: 'max_tokens',
    streamUsage: true,
    textParts: 'join',
    systemRole: 'system',
    needsJsonWord: true,
    toolNames: { maxLength: 64, allowed: /[A-Za-z0-9_-]/ },
    settings: SETTINGS,
    finishReasons: { insufficient_system_resource: 'error' },
    errors: ERRORS,
    // A schema is asked for as JSON, with the schema in the instructions.
    rulesFor: (model) => ({ schemaInInstructions: true, ...rulesFor(model) }),
    reasons: thinks,
    amendBody(body, request, context) {
      const thinking = thinkingOf(request, context)
      if (thinking && !ownThinking(request, context.adapter)) body.thinking = { type: thinking }
      if (thinking === 'disabled') delete body.reasoning_effort
      if (isForced(request)) allowForced(body, request, context, thinks(request, context))
    },
  }
}

/** A tool that must be called is 400 while the model thinks: it thinks not, or it may choose. */
function allowForced(body: ChatBody, request: ChatRequest, context: ProtocolContext, thinks: boolean): void {
  const { model } = context
  if (thinks) {
    body.tool_choice = 'auto'
    changeSetting(
      context,
      'tool_choice',
      `${model} cannot be made to call a tool while it thinks; "auto" was sent`,
    )
  } else if (isRecord(body.thinking) && (request.reasoning_effort ?? undefined) === undefined) {
    changeSetting(
      context,
      'reasoning_effort',
      `${model} does not think when it must call a tool; thinking was turned off`,
    )
  }
}

function isForced({ tools, tool_choice: choice }: ChatRequest): boolean {
  return (tools?.length ?? 0) > 0 && (choice === 'required' || typeof choice === 'object')
}

/** The caller's own `provider_options.deepseek.thinking` has the last word. */
function ownThinking(request: ChatRequest, adapter: string): Thinking {
  const options = request.provider_options
  const own = options && Object.hasOwn(options, adapter) ? options[adapter]?.thinking : undefined
  const type = isRecord(own) ? own.type : undefined
  return type === 'enabled' || type === 'disabled' ? type : undefined
}
