/** `withStructuredOutput`: by the provider's own structured output, or by a forced tool. */
import type {
  BaseLanguageModelInput,
  StructuredOutputMethodOptions,
} from '@langchain/core/language_models/base'
import type { BindToolsInput } from '@langchain/core/language_models/chat_models'
import {
  assembleStructuredOutputPipeline,
  createContentParser,
  createFunctionCallingParser,
} from '@langchain/core/language_models/structured_output'
import type { AIMessageChunk } from '@langchain/core/messages'
import { RunnableLambda, type Runnable } from '@langchain/core/runnables'
import { toJsonSchema } from '@langchain/core/utils/json_schema'
import { isSerializableSchema, type SerializableSchema } from '@langchain/core/utils/standard_schema'
import { isInteropZodSchema, type InteropZodType } from '@langchain/core/utils/types'
import { GatewayError, type ResponseFormat } from '@turnout/core'

/** LangChain's own bound on what a schema may stand for. */
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyFields = Record<string, any>

/** A schema of zod or of Standard Schema, or plain JSON Schema. */
export type OutputSchema<Output extends AnyFields> =
  InteropZodType<Output> | SerializableSchema<Output> | AnyFields

/** What is asked of the model; spelled out, since it is the model that calls this. */
export interface StructuringModel {
  bindTools(
    tools: BindToolsInput[],
    kwargs: { tool_choice: string },
  ): Runnable<BaseLanguageModelInput, AIMessageChunk>
  withConfig(config: { response_format: ResponseFormat }): Runnable<BaseLanguageModelInput, AIMessageChunk>
}

/** @param config `method`: `jsonSchema` (default), `functionCalling` or `jsonMode`; `strict` is `true` unless `false` */
export function structuredOutput<Output extends AnyFields>(
  model: StructuringModel,
  schema: OutputSchema<Output>,
  {
    name,
    method = 'jsonSchema',
    includeRaw = false,
    strict = true,
  }: StructuredOutputMethodOptions<boolean> = {},
) {
  const isSchema = isInteropZodSchema(schema) || isSerializableSchema(schema)
  const json = (isSchema ? toJsonSchema(schema) : schema) as Readonly<Record<string, unknown>>
  const title = json['title']
  const called =
    name ?? (typeof title === 'string' ? title.replaceAll(/[^A-Za-z0-9_-]/g, '_').slice(0, 64) : 'extract')
  if (method === 'functionCalling') {
    const { description } = json
    const tool = {
      type: 'function',
      function: { name: called, ...(typeof description === 'string' && { description }), parameters: json },
    }
    const bound = model.bindTools([tool], { tool_choice: called })
    const parser = createFunctionCallingParser<Output>(schema, called)
    return assembleStructuredOutputPipeline<Output>(bound, parser, includeRaw, 'StructuredOutput')
  }
  if (method !== 'jsonSchema' && method !== 'jsonMode') throw unknownMethod(method)
  const response_format: ResponseFormat =
    method === 'jsonMode'
      ? { type: 'json_object' }
      : { type: 'json_schema', json_schema: { name: called, schema: json, strict } }
  const parser = createContentParser<Output>(schema)
  // Its own way of reading a message takes blocks of reasoning for a part of the JSON.
  const parse: Runnable<AIMessageChunk, Output> = RunnableLambda.from((message: AIMessageChunk) =>
    parser.parse(message.text),
  )
  const bound = model.withConfig({ response_format })
  return assembleStructuredOutputPipeline<Output>(bound, parse, includeRaw, 'StructuredOutput')
}

const unknownMethod = (method: string): GatewayError =>
  new GatewayError({
    code: 'invalid_request',
    message: `there is no method "${method}"; use jsonSchema, functionCalling or jsonMode`,
    path: 'method',
  })
