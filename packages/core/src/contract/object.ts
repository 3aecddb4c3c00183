/** Structured output: a request with a schema, an answer with a value. */
import type { ChatRequest } from './chat-request.js'
import type { CallOptions } from './call-options.js'
import type { ChatResponse } from './chat-response.js'
import type { JsonSchema } from './json.js'

/** A problem as Standard Schema libraries report it. */
export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * A schema of any library that speaks Standard Schema (zod, Valibot, ArkType …) and can give itself as JSON Schema,
 * see https://standardschema.dev.
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>
    readonly types?: { readonly input: unknown; readonly output: Output } | undefined
    readonly jsonSchema?:
      | { readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown> }
      | undefined
  }
}

export type SchemaResult<Output> =
  { readonly value: Output; readonly issues?: undefined } | { readonly issues: readonly SchemaIssue[] }

/** What `gateway.object` takes as a schema. */
export type ObjectSchema = StandardSchema | JsonSchema

/** The type of the value: a schema's own output type, `unknown` for plain JSON Schema. */
export type ObjectOf<Schema> = Schema extends {
  readonly '~standard': { readonly types?: { readonly output: infer Output } | undefined }
}
  ? Output
  : unknown

export interface ObjectRequest<
  Schema extends ObjectSchema = ObjectSchema,
  Model extends string = string,
> extends Omit<ChatRequest<Model>, 'response_format' | 'n' | 'stream'> {
  /** What the answer must be: a Standard Schema, or plain JSON Schema. */
  readonly schema: Schema
  /** Name of the schema as the model sees it. Default `answer`. */
  readonly schema_name?: string
}

export interface ObjectOptions extends CallOptions {
  /** Show the model its invalid answer and ask once more before moving on. It counts as an attempt. Default `false`. */
  readonly repair?: boolean
}

export interface ObjectResponse<Value> {
  /** The answer, parsed and validated. */
  readonly object: Value
  /** The answer as it came, with usage and the gateway's account. */
  readonly response: ChatResponse
}
