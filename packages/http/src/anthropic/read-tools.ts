/** Tools and the choice among them. */
import type { ChatRequest, Tool } from '@turnout/core'
import { isRecord } from '@turnout/core/adapter'
import type { JsonRecord } from '../read-json.js'
import { extras } from './read-content.js'
import { refuse } from '../surface-fault.js'
import { isGiven, listIn, recordIn, textIn } from './read-value.js'

const TOOL_FIELDS = new Set(['name', 'description', 'input_schema', 'strict', 'cache_control'])

export interface ReadTools {
  /** What every provider understands. */
  readonly fields: Pick<ChatRequest, 'tools' | 'tool_choice' | 'parallel_tool_calls'>
  /** What Anthropic's own tools want besides, which no other provider has. */
  readonly own: JsonRecord
}

/** @throws SurfaceFault */
export function readTools(tools: unknown, choice: unknown): ReadTools {
  const usual: Tool[] = []
  const own: unknown[] = []
  if (isGiven(tools)) {
    listIn(tools, 'tools').forEach((value, i) => {
      const tool = recordIn(value, `tools[${i}]`)
      if (isUsual(tool)) usual.push(readTool(tool, `tools[${i}]`))
      else own.push(tool)
    })
  }
  return {
    fields: {
      ...(usual.length > 0 && { tools: usual }),
      // Where there are none but Anthropic's own, the choice is among those.
      ...(isGiven(choice) &&
        (own.length === 0 || usual.length > 0) &&
        readChoice(recordIn(choice, 'tool_choice'), usual)),
    },
    own: own.length === 0 ? {} : { tools: own, ...(isGiven(choice) && { tool_choice: choice }) },
  }
}

/** The others carry a version, such as `web_search_20250305`, and no schema. */
export const isUsual = ({ type }: JsonRecord): boolean => !isGiven(type) || type === 'custom'

function readTool(tool: JsonRecord, path: string): Tool {
  const { description, input_schema: schema, strict } = tool
  return {
    type: 'function',
    function: {
      name: textIn(tool['name'], `${path}.name`),
      ...(isGiven(description) && { description: textIn(description, `${path}.description`) }),
      parameters: recordIn(schema, `${path}.input_schema`),
      ...(typeof strict === 'boolean' && { strict }),
    },
    ...extras(tool, TOOL_FIELDS),
  }
}

function readChoice(choice: JsonRecord, usual: readonly Tool[]): ReadTools['fields'] {
  const parallel = choice['disable_parallel_tool_use'] === true ? { parallel_tool_calls: false } : {}
  switch (choice['type']) {
    case 'auto':
    case 'none':
      return { tool_choice: choice['type'], ...parallel }
    case 'any':
      return { tool_choice: 'required', ...parallel }
    case 'tool': {
      const name = textIn(choice['name'], 'tool_choice.name')
      const isOurs = usual.some((tool) => tool.function.name === name)
      return isOurs ? { tool_choice: { type: 'function', function: { name } }, ...parallel } : parallel
    }
    default:
      throw refuse('tool_choice.type', "must be 'auto', 'any', 'tool' or 'none'")
  }
}

/** A schema for the answer, by its name in this API. */
export function readOutput(config: unknown): Pick<ChatRequest, 'response_format'> {
  if (!isGiven(config)) return {}
  const { format } = recordIn(config, 'output_config')
  if (!isGiven(format)) return {}
  const { type, schema } = recordIn(format, 'output_config.format')
  if (type !== 'json_schema' || !isRecord(schema))
    throw refuse('output_config.format', "must be { type: 'json_schema', schema }")
  return { response_format: { type, json_schema: { name: 'answer', schema, strict: true } } }
}
