/** Thinking on Qwen: a switch and a budget in fields of its own, and what cannot be had together with it. */
import { changeSetting, dropSetting, type ChatRequest, type ProtocolContext } from '@turnout/core/adapter'
import type { ChatBody } from '@turnout/openai-compatible'
import type { QwenModelRules } from './models.js'

/** Words as tokens to think with; from `xhigh` on the model's own limit holds. */
const BUDGETS: Readonly<Record<string, number>> = { minimal: 1_024, low: 2_048, medium: 8_192, high: 24_576 }

/** What a request makes of thinking. `undefined`: nothing is known of the model, nothing was asked. */
export function thinks(
  request: ChatRequest,
  { adapter }: Pick<ProtocolContext, 'adapter'>,
  { reasoning, thinkingSwitch }: QwenModelRules,
): boolean | undefined {
  const own = ownSwitch(request, adapter)
  if (own !== undefined) return own
  if (reasoning === undefined) return undefined
  if (reasoning === false) return false
  const effort = request.reasoning_effort ?? undefined
  if (effort !== undefined) return effort !== 'none' || !thinkingSwitch
  // Asked for by name, the form of the answer wins over thinking that nobody asked for.
  return reasoning.default !== 'none' && !(thinkingSwitch && (wantsForm(request) || isForced(request)))
}

/** Turns the effort into Qwen's fields, and drops what it refuses while the model thinks. */
export function encodeThinking(
  body: ChatBody,
  request: ChatRequest,
  context: ProtocolContext,
  rules: QwenModelRules,
): void {
  const { reasoning, thinkingSwitch } = rules
  const effort: unknown = body.reasoning_effort
  if (reasoning !== undefined) delete body.reasoning_effort
  if (!reasoning) return
  const on = thinks(request, context, rules) === true
  const isDefault = on === (reasoning.default !== 'none')
  if (
    thinkingSwitch &&
    (!isDefault || effort !== undefined) &&
    ownSwitch(request, context.adapter) === undefined
  ) {
    body.enable_thinking = on
    if (!on && effort === undefined) noteOff(request, context)
  }
  if (!on) return
  const budget = typeof effort === 'string' ? BUDGETS[effort] : undefined
  if (budget !== undefined) body.thinking_budget = budget
  if (isForced(request)) {
    body.tool_choice = 'auto'
    changeSetting(
      context,
      'tool_choice',
      `${context.model} cannot be made to call a tool while it thinks; "auto" was sent`,
    )
  }
  if (body.response_format !== undefined) {
    delete body.response_format
    // A schema, where there is one, stands in the instructions by now.
    if (!rules.schemaInInstructions)
      dropSetting(context, 'response_format', `${context.model} takes none while it thinks`)
  }
}

function noteOff(request: ChatRequest, context: ProtocolContext): void {
  const what = wantsForm(request) ? 'answer in JSON' : 'be made to call a tool'
  changeSetting(
    context,
    'reasoning_effort',
    `${context.model} cannot ${what} while it thinks; thinking was turned off`,
  )
}

const wantsForm = ({ response_format: format }: ChatRequest): boolean =>
  format !== undefined && format !== null && format.type !== 'text'

const isForced = ({ tools, tool_choice: choice }: ChatRequest): boolean =>
  (tools?.length ?? 0) > 0 && (choice === 'required' || typeof choice === 'object')

/** The caller's own `provider_options.qwen.enable_thinking` has the last word. */
function ownSwitch({ provider_options: options }: ChatRequest, adapter: string): boolean | undefined {
  const own = options && Object.hasOwn(options, adapter) ? options[adapter]?.enable_thinking : undefined
  return typeof own === 'boolean' ? own : undefined
}
