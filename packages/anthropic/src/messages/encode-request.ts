import {
  changeSetting,
  type ChatRequest,
  type EncodedRequest,
  type JsonObject,
  type ProtocolContext,
} from '@turnout/core/adapter'
import { familyOf, type ModelRules } from '../models.js'
import { createCacheMarks } from './cache-marks.js'
import { refuse } from './encode-content.js'
import { encodeExtras } from './encode-extras.js'
import { encodeMessages, type Conversation, type EncodingParts } from './encode-messages.js'
import { encodeSampling } from './encode-sampling.js'
import { planThinking } from './encode-thinking.js'
import { ownThinking } from './own-thinking.js'
import { encodeToolChoice, encodeTools, isForced } from './encode-tools.js'
import { askedMaxTokens, fitMaxTokens } from './max-tokens.js'
import { encodeOutput, planOutput } from './structured-output.js'
import { toolNames } from './tool-names.js'
import { OPENING } from './turns.js'
import type { WireBlock, WireMessage } from './wire-types.js'

export interface MessagesConfig {
  /** The `anthropic-version` that is sent: some rules hang on it. */
  readonly version: string
  /** Sent with every request; a request's own are added to them. */
  readonly betas: readonly string[]
  readonly rulesFor: (model: string) => ModelRules
}

const NO_OPTIONS: JsonObject = {}
/** What a model that cannot continue an assistant message is told instead. */
const CONTINUE: WireBlock = { type: 'text', text: 'Continue.' }

export function encodeRequest(
  request: ChatRequest,
  context: ProtocolContext,
  config: MessagesConfig,
): EncodedRequest {
  const rules = config.rulesFor(context.model)
  const options = request.provider_options?.[context.adapter] ?? NO_OPTIONS
  const {
    tools: optionTools,
    output_config: optionOutput,
    thinking: optionThinking,
    betas,
    ...rest
  } = options
  const ownTools = listOf(optionTools)
  const parts: EncodingParts = {
    request,
    context,
    rules,
    marks: createCacheMarks(context),
    names: toolNames(request, rules.toolNameMaxLength),
    sameFamily: (model) => model === '*' || familyOf(model) === familyOf(context.model),
  }
  const tools = encodeTools(parts, ownTools.length > 0)
  const conversation = encodeMessages(parts)
  parts.marks.settle(rest['cache_control'] ? 1 : 0)

  const plan = planOutput(request, rules)
  const output = encodeOutput(plan, context)
  const toolChoice = encodeToolChoice(parts, plan, tools.length > 0)
  const inTheWay = obstacles(conversation, isForced(toolChoice))
  const own = ownThinking(optionThinking, optionOutput, parts, inTheWay.brokenToolLoop)
  const thinking = planThinking(parts, inTheWay, askedMaxTokens(parts), own.thinking)
  const { maxTokens, budgetTokens } = fitMaxTokens(parts, thinking)
  const { effort: _effort, ...ownOutput } = (optionOutput ?? NO_OPTIONS) as JsonObject
  const effort = own.effort === undefined ? thinking.effort : own.effort
  const outputConfig = {
    ...(effort !== undefined && effort !== null && { effort }),
    ...(output.format && { format: output.format }),
    ...ownOutput,
  }
  const allTools = [...tools, ...(output.tool ? [output.tool] : []), ...ownTools]
  const body = {
    model: context.model,
    max_tokens: maxTokens,
    ...systemField(conversation.system, output.instruction),
    // Neither a thinking model nor one that is held to a schema continues a text.
    messages: finishedMessages(
      conversation,
      parts,
      rules.prefill && !thinking.on && !output.format && !output.tool,
    ),
    ...(allTools.length > 0 && { tools: allTools }),
    ...(toolChoice && { tool_choice: toolChoice }),
    ...(thinking.thinking && { thinking: withBudget(thinking.thinking, budgetTokens) }),
    ...(Object.keys(outputConfig).length > 0 && { output_config: outputConfig }),
    ...encodeSampling(parts, thinking.on, config.version),
    ...encodeExtras(request, context),
    ...(context.stream && { stream: true }),
    ...(own.thinking && { thinking: own.thinking }),
    ...rest,
  }
  const ownBetas = listOf(betas)
  return {
    path: '/v1/messages',
    body,
    ...(ownBetas.length > 0 && { headers: { 'anthropic-beta': [...config.betas, ...ownBetas].join(',') } }),
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

const withBudget = (thinking: object, budgetTokens: number | undefined): object =>
  budgetTokens === undefined ? thinking : { ...thinking, budget_tokens: budgetTokens }

function systemField(system: readonly WireBlock[], instruction: WireBlock | undefined): { system?: unknown } {
  const blocks = instruction ? [...system, instruction] : system
  const [only] = blocks
  if (!only) return {}
  return { system: blocks.length === 1 && only.cache_control === undefined ? only['text'] : blocks }
}

const isThinking = (block: WireBlock | undefined): boolean =>
  block?.type === 'thinking' || block?.type === 'redacted_thinking'

/** A server tool's turn that was paused goes back as it is and is no prefill. */
const isPaused = (block: WireBlock | undefined): boolean =>
  block !== undefined && (block.type === 'server_tool_use' || block.type.endsWith('_tool_result'))

const endsWithPrefill = ({ turns }: Conversation): boolean =>
  turns.role() === 'assistant' && !isPaused(turns.lastAssistant().at(-1))

function obstacles(conversation: Conversation, forcedTool: boolean) {
  const last = conversation.turns.lastAssistant()
  return {
    forcedTool,
    prefill: endsWithPrefill(conversation),
    brokenToolLoop: last.some((block) => block.type === 'tool_use') && !isThinking(last[0]),
  }
}

/** The two ends: the first message is a user's, the last one is what the model may answer. */
function finishedMessages(
  conversation: Conversation,
  parts: EncodingParts,
  continues: boolean,
): readonly WireMessage[] {
  const { context } = parts
  const { turns, system } = conversation
  if (endsWithPrefill(conversation)) {
    if (continues) turns.trimEnd()
    else {
      const path = `messages[${parts.request.messages.length - 1}]`
      changeSetting(
        context,
        path,
        `${context.model} cannot continue an assistant message here; it is asked to go on by a user message`,
      )
      turns.user([CONTINUE])
    }
  }
  const messages = turns.messages()
  if (messages[0]?.role === 'user') return messages
  if (messages.length === 0 && system.length === 0) {
    throw refuse(context, 'messages', 'they hold no content. Give at least one message with text')
  }
  context.warn({
    code: 'content_changed',
    path: 'messages[0]',
    message: `the Messages API wants a user message first; "${OPENING}" was put before`,
    provider: context.provider,
  })
  return [{ role: 'user', content: OPENING }, ...messages]
}
