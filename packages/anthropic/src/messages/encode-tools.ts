import {
  changeSetting,
  dropSetting,
  type ChatRequest,
  type ProtocolContext,
  type Tool,
  type ToolChoice,
} from '@turnout/core/adapter'
import type { EncodingParts } from './encode-messages.js'
import { reduceSchema } from './json-schema.js'
import type { OutputPlan } from './structured-output.js'
import { namesOf } from './tool-names.js'
import { toolInputSchema } from './tool-schema.js'
import type { WireTool, WireToolChoice } from './wire-types.js'

/** @param hasOthers tools of Anthropic's own are sent as well */
export function encodeTools(parts: EncodingParts, hasOthers = false): WireTool[] {
  const tools = parts.request.tools ?? []
  if (tools.length > 0) return tools.map((tool, at) => encodeTool(tool, `tools[${at}]`, parts))
  if (hasOthers) return []
  // A history with tool blocks wants their definitions, also when no tool may be called any more.
  return namesOf(parts.request).map((name) => ({
    name: parts.names.toWire(name),
    input_schema: { type: 'object', properties: {} },
  }))
}

function encodeTool(tool: Tool, path: string, parts: EncodingParts): WireTool {
  const { context, rules, names, marks } = parts
  const { name, description, parameters, strict } = tool.function
  const schemaPath = `${path}.function.parameters`
  const schema = toolInputSchema(parameters, schemaPath, context)
  const isStrict = strict === true && rules.jsonSchema
  if (strict === true && !isStrict)
    dropSetting(context, `${path}.function.strict`, `${context.model} has no strict tools`)
  const wire: WireTool = {
    name: names.toWire(name),
    ...(description !== undefined && { description }),
    input_schema: isStrict ? strictSchema(schema, schemaPath, context) : schema,
    ...(isStrict && { strict: true }),
    ...tool.provider_options?.[context.adapter],
  }
  marks.add(wire, tool.cache_control, path)
  return wire
}

function strictSchema(schema: object, path: string, context: ProtocolContext): object {
  const reduced = reduceSchema(schema as Record<string, unknown>)
  if (reduced.removed.length > 0) {
    changeSetting(
      context,
      path,
      `strict tools do not enforce ${reduced.removed.slice(0, 5).join(', ')}; limits were put into the description`,
    )
  }
  return reduced.schema
}

/** What may be called. A plan that answers through a tool makes the model call one. */
export function encodeToolChoice(
  parts: EncodingParts,
  plan: OutputPlan,
  hasTools: boolean,
): WireToolChoice | undefined {
  const { request, context } = parts
  const { tool_choice: choice, parallel_tool_calls: parallel } = request
  const own = (request.tools?.length ?? 0) > 0
  if (!own) {
    if (choice !== undefined && choice !== 'none' && choice !== 'auto')
      dropSetting(context, 'tool_choice', 'the request has no tools')
    if (plan.kind === 'tool') return { type: 'tool', name: plan.name, disable_parallel_tool_use: true }
    return hasTools && namesOf(request).length > 0 ? { type: 'none' } : undefined
  }
  const wire =
    plan.kind === 'tool' ? choiceWithAnswerTool(choice, plan.name, parts) : plainChoice(choice, parts)
  if (parallel !== false || wire?.type === 'none') return wire
  return { ...(wire ?? { type: 'auto' }), disable_parallel_tool_use: true }
}

function plainChoice(
  choice: ToolChoice | undefined,
  { names, rules, context }: EncodingParts,
): WireToolChoice | undefined {
  if (choice === undefined || choice === null) return undefined
  if (choice === 'auto' || choice === 'none') return { type: choice }
  if (!rules.forcedToolChoice) {
    changeSetting(
      context,
      'tool_choice',
      `${context.model} cannot be forced to call a tool; it was sent as "auto"`,
    )
    return { type: 'auto' }
  }
  return choice === 'required' ? { type: 'any' } : { type: 'tool', name: names.toWire(choice.function.name) }
}

/** The answer's own tool stands beside the caller's: one of them must be called. */
function choiceWithAnswerTool(
  choice: ToolChoice | undefined,
  answer: string,
  { names }: EncodingParts,
): WireToolChoice {
  if (choice === 'none') return { type: 'tool', name: answer, disable_parallel_tool_use: true }
  if (typeof choice === 'object' && choice !== null)
    return { type: 'tool', name: names.toWire(choice.function.name) }
  return { type: 'any' }
}

/** The model must call a tool, which no model does while it thinks. */
export const isForced = (choice: WireToolChoice | undefined): boolean =>
  choice?.type === 'any' || choice?.type === 'tool'

export const hasOwnTools = (request: ChatRequest): boolean => (request.tools?.length ?? 0) > 0
