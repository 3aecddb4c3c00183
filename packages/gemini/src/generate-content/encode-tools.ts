import {
  changeSetting,
  dropSetting,
  GatewayError,
  type ChatRequest,
  type ProtocolContext,
  type Tool,
  type ToolNameMapper,
} from '@turnout/core/adapter'
import type { ModelRules } from '../models.js'
import { isEmptyObjectSchema, reduceSchema } from './json-schema.js'
import type { FunctionDeclaration, GenerateContentRequest } from './wire-types.js'

type EncodedTools = Pick<GenerateContentRequest, 'tools' | 'toolConfig'>

export function encodeTools(
  request: ChatRequest,
  rules: ModelRules,
  names: ToolNameMapper,
  context: ProtocolContext,
): EncodedTools {
  const { tools, tool_choice: choice } = request
  if (!tools?.length) return {}
  if (!rules.tools) {
    throw new GatewayError({
      code: 'invalid_request',
      path: 'tools',
      message: `tools: ${context.model} calls no tools; choose another model`,
    })
  }
  if (request.parallel_tool_calls === false) {
    dropSetting(context, 'parallel_tool_calls', 'Gemini decides by itself how many tools it calls at once')
  }
  const functionDeclarations = tools.map((tool, i) => declaration(tool, i, names, context))
  const toolConfig = encodeChoice(choice, names)
  return { tools: [{ functionDeclarations }], ...(toolConfig && { toolConfig }) }
}

function declaration(
  tool: Tool,
  i: number,
  names: ToolNameMapper,
  context: ProtocolContext,
): FunctionDeclaration {
  const { name, description, parameters, strict } = tool.function
  const path = `tools[${i}].function`
  if (strict) dropSetting(context, `${path}.strict`, 'Gemini has no strict tools; check the arguments')
  const declared: FunctionDeclaration = { name: names.toWire(name) }
  if (description !== undefined) declared.description = description
  if (!parameters || isEmptyObjectSchema(parameters)) return declared
  const { schema, lost } = reduceSchema(parameters, `${path}.parameters`)
  if (lost.length > 0) changeSetting(context, `${path}.parameters`, `Gemini does not know ${lost.join(', ')}`)
  // Arguments are always an object; some generators leave the word out at the root.
  declared.parametersJsonSchema =
    schema.type === undefined && schema.properties !== undefined ? { type: 'object', ...schema } : schema
  return declared
}

function encodeChoice(
  choice: ChatRequest['tool_choice'],
  names: ToolNameMapper,
): GenerateContentRequest['toolConfig'] {
  if (choice === undefined || choice === 'auto') return undefined
  if (choice === 'none') return { functionCallingConfig: { mode: 'NONE' } }
  if (choice === 'required') return { functionCallingConfig: { mode: 'ANY' } }
  return {
    functionCallingConfig: { mode: 'ANY', allowedFunctionNames: [names.toWire(choice.function.name)] },
  }
}
