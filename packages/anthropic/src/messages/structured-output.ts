import { changeSetting, type ChatRequest, type JsonSchema, type ProtocolContext } from '@turnout/core/adapter'
import type { ModelRules } from '../models.js'
import { refuse } from './encode-content.js'
import { isRecursive, reduceSchema } from './json-schema.js'
import { toolInputSchema } from './tool-schema.js'
import { namesOf } from './tool-names.js'
import type { WireBlock, WireTool } from './wire-types.js'

/** How a `response_format` reaches the model. Decided from request and rules alone, so that decoding agrees. */
export type OutputPlan =
  | { readonly kind: 'text' }
  /** `output_config.format`. */
  | { readonly kind: 'native'; readonly schema: JsonSchema }
  /** A tool that must be called, whose input is the answer's text. */
  | {
      readonly kind: 'tool'
      readonly name: string
      readonly schema: JsonSchema
      readonly description?: string
    }
  /** A sentence in the system prompt: any JSON object. */
  | { readonly kind: 'instruction' }

const PATH = 'response_format.json_schema.schema'
export const JSON_INSTRUCTION: WireBlock = {
  type: 'text',
  text: 'Answer with one valid JSON object and nothing else: no code fence, no text before or after it.',
}

export function planOutput(request: ChatRequest, rules: ModelRules): OutputPlan {
  const format = request.response_format
  if (!format || format.type === 'text') return { kind: 'text' }
  if (format.type !== 'json_schema') return { kind: 'instruction' }
  const { schema, name, description } = format.json_schema
  if (schema === undefined) return { kind: 'instruction' }
  // Constrained decoding knows no recursion; a tool's schema may have it.
  if (rules.jsonSchema && !(rules.forcedToolChoice && isRecursive(schema))) return { kind: 'native', schema }
  return {
    kind: 'tool',
    name: freeName(name, request),
    schema,
    ...(description !== undefined && { description }),
  }
}

/** Body fields for the plan; `tool` goes behind the request's own tools. */
export function encodeOutput(
  plan: OutputPlan,
  context: ProtocolContext,
): { readonly format?: object; readonly tool?: WireTool; readonly instruction?: WireBlock } {
  switch (plan.kind) {
    case 'text':
      return {}
    case 'instruction':
      changeSetting(
        context,
        'response_format',
        'without a schema the Messages API has no JSON mode; the system prompt asks for JSON',
      )
      return { instruction: JSON_INSTRUCTION }
    case 'tool': {
      const { name, schema, description = 'Gives the answer. Its input is the whole answer.' } = plan
      return { tool: { name, description, input_schema: toolInputSchema(schema, PATH, context) } }
    }
    case 'native': {
      if (isRecursive(plan.schema))
        throw refuse(context, PATH, 'this model takes no recursive schema. Unroll it to a fixed depth')
      const { schema, removed } = reduceSchema(plan.schema)
      if (removed.length > 0) {
        const list = removed.slice(0, 5).join(', ') + (removed.length > 5 ? ', …' : '')
        changeSetting(
          context,
          PATH,
          `Anthropic does not enforce ${list}; limits were put into the description`,
        )
      }
      return { format: { type: 'json_schema', schema } }
    }
  }
}

/** A name that the API takes and no other tool has. */
function freeName(name: string, request: ChatRequest): string {
  const wire = name.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 56) || 'answer'
  const taken = namesOf(request)
  let free = wire
  for (let again = 2; taken.includes(free); again++) free = `${wire}_${again}`
  return free
}
