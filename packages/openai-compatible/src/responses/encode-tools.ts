import { dropSetting } from '@turnout/core/adapter'
import type { ChatRequest, ProtocolContext, Tool, ToolNameMapper } from '@turnout/core/adapter'
import type { ResponsesModelRules } from './model-rules.js'
import { withStrictness } from '../json-schema.js'

const NO_ARGUMENTS = { type: 'object', properties: {}, additionalProperties: false }

/** `tools`, `tool_choice` and `parallel_tool_calls`, flat as this API wants them. */
export function encodeTools(
  request: ChatRequest,
  rules: ResponsesModelRules,
  context: ProtocolContext,
  names: ToolNameMapper,
): Record<string, unknown> {
  const { tools, tool_choice, parallel_tool_calls } = request
  if (!tools || tools.length === 0) {
    const why = 'the request has no tools'
    if (tool_choice !== undefined && tool_choice !== 'none' && tool_choice !== 'auto')
      dropSetting(context, 'tool_choice', why)
    return {}
  }
  const fields: Record<string, unknown> = {
    tools: tools.map((tool, i) => encodeTool(tool, `tools[${i}]`, context, names)),
  }
  if (tool_choice !== undefined) fields.tool_choice = encodeToolChoice(tool_choice, names)
  if (rules.parallelToolCalls) {
    if (parallel_tool_calls !== undefined) fields.parallel_tool_calls = parallel_tool_calls
  } else if (parallel_tool_calls) {
    dropSetting(context, 'parallel_tool_calls', `${context.model} calls one tool at a time`)
  }
  return fields
}

function encodeTool(tool: Tool, path: string, context: ProtocolContext, names: ToolNameMapper): unknown {
  // A tool that the provider runs itself is written in the API's own shape.
  if (tool.type !== 'function') return tool
  const { name, description, parameters = NO_ARGUMENTS, strict } = tool.function
  const sent = withStrictness(parameters, strict, `${path}.function.parameters`, context)
  return {
    type: 'function',
    name: names.toWire(name),
    ...(description !== undefined && { description }),
    parameters: sent.schema,
    // Absent means true here: loose schemas would be refused, or tightened without a word.
    strict: sent.strict,
  }
}

function encodeToolChoice(choice: NonNullable<ChatRequest['tool_choice']>, names: ToolNameMapper): unknown {
  if (typeof choice === 'string' || choice.type !== 'function') return choice
  return { type: 'function', name: names.toWire(choice.function.name) }
}
