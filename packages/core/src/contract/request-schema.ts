/**
 * The request as zod schemas. They check and are then forgotten: the pipeline keeps the caller's own objects.
 * Unknown keys pass (loose objects); `validate-request.ts` warns about them. Messages that begin with "must" are
 * shown as they are; `describe-issue.ts` words the others.
 */
import * as z from 'zod'
import { isSignal, type CallSignal } from '../platform/abort.js'

const isObject = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const number = z.number().nullish()
const count = z.int().positive().nullish()
const text = z.string()
const name = text.min(1)
/** Any object: what is in it was walked by `check-json.ts`. */
const object = z.custom<object>(isObject, 'must be an object')
const jsonSchema = z.custom<object>(isObject, 'must be a JSON Schema object')

const cacheControl = z
  .looseObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() })
  .optional()
/** Parts are checked one by one against {@link PART_SCHEMAS}, so that an unknown type can pass with a warning. */
const content = z.union([text, z.array(z.unknown())])

export const PART_SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['text', z.looseObject({ text, cache_control: cacheControl })],
  [
    'image_url',
    z.looseObject({
      image_url: z.looseObject({ url: name, detail: text.optional() }, 'must be an object, as in { url }'),
      cache_control: cacheControl,
    }),
  ],
  [
    'input_audio',
    z.looseObject({
      input_audio: z.looseObject({ data: name, format: name }, 'must be an object, as in { data, format }'),
      cache_control: cacheControl,
    }),
  ],
  [
    'file',
    z.looseObject({
      file: z.looseObject(
        {
          file_data: name.optional(),
          filename: text.optional(),
          file_id: name.optional(),
          file_url: name.optional(),
        },
        'must be an object, as in { file_data, filename }',
      ),
      cache_control: cacheControl,
    }),
  ],
  ['refusal', z.looseObject({ refusal: text })],
])

const system = z.looseObject({ content, name: text.nullish(), cache_control: cacheControl })
const toolCall = z.looseObject({
  id: name,
  type: z.literal('function').optional(),
  function: z.looseObject({
    name,
    arguments: z.string('must be a string of JSON, as from JSON.stringify'),
  }),
})

export const MESSAGE_SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['system', system],
  ['developer', system],
  ['user', system],
  [
    'assistant',
    z.looseObject({
      content: content.nullish(),
      refusal: text.nullish(),
      name: text.nullish(),
      tool_calls: z.array(toolCall).nullish(),
      reasoning_content: text.nullish(),
      reasoning_details: z.array(z.looseObject({ type: text })).nullish(),
      annotations: z.array(z.looseObject({ type: text })).nullish(),
      provider_state: object.nullish(),
      cache_control: cacheControl,
    }),
  ],
  [
    'tool',
    z.looseObject({
      tool_call_id: name,
      content,
      is_error: z.boolean().optional(),
      cache_control: cacheControl,
    }),
  ],
])
/** What every later stage relies on, whatever the role. */
export const UNKNOWN_ROLE_SCHEMA: z.ZodType = z.looseObject({ content: content.nullish() })

const tool = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name,
    description: text.nullish(),
    parameters: jsonSchema.nullish(),
    strict: z.boolean().nullish(),
  }),
  cache_control: cacheControl,
})

const responseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name,
      description: text.nullish(),
      schema: jsonSchema.nullish(),
      strict: z.boolean().nullish(),
    }),
  }),
])

const model = name
const user = text.optional()
const providerOptions = z.record(text, object).optional()

/** The fields of a request one by one; `messages` are walked by role. */
export const FIELD_SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>(
  Object.entries({
    model,
    // By hand: zod would copy the list.
    messages: z.custom(
      (value) => Array.isArray(value) && value.length > 0,
      'must be a list of at least one message',
    ),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: count,
    max_completion_tokens: count,
    max_tokens: count,
    stop: z.union([text, z.array(text)]).nullish(),
    seed: z.int().nullish(),
    n: z.int().min(1).max(128).nullish(),
    presence_penalty: number,
    frequency_penalty: number,
    logit_bias: z.record(text, z.number()).nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    tools: z.array(tool).optional(),
    tool_choice: z
      .union([
        z.enum(['auto', 'none', 'required']),
        z.looseObject({ type: z.literal('function'), function: z.looseObject({ name }) }),
      ])
      .optional(),
    parallel_tool_calls: z.boolean().optional(),
    response_format: responseFormat.optional(),
    reasoning_effort: text.nullish(),
    verbosity: z.enum(['low', 'medium', 'high']).nullish(),
    service_tier: text.nullish(),
    prompt_cache_key: text.optional(),
    store: z.boolean().nullish(),
    metadata: z.record(text, text).nullish(),
    user,
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
    provider_options: providerOptions,
    gateway: object.optional(),
  }),
)

export const embeddingSchema = z.looseObject({
  model,
  input: z.union([name, z.array(name).min(1)]),
  dimensions: z.int().positive().optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
  user,
  provider_options: providerOptions,
  gateway: object.optional(),
})

/** What a timer takes: about 24 days. A longer one would fire at once. */
const MAX_MS = 2_147_483_647
const ms = z.number().max(MAX_MS)
/** These travel as header values. */
const headerText = (maxLength: number) =>
  name.max(maxLength).regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without spaces or line breaks')
const timeouts = (limit: z.ZodType) =>
  z.strictObject({
    totalMs: limit.optional(),
    connectMs: limit.optional(),
    headersMs: limit.optional(),
    firstTokenMs: limit.optional(),
    idleMs: limit.optional(),
    minTokensPerSecond: z.number().positive().optional(),
  })

/** Options that hold for many calls: the gateway's defaults and the routes'. Strict: a misspelt one would do nothing. */
export const standingOptionsSchema = z.strictObject({
  maxAttempts: z.int().min(1).max(100).optional(),
  timeout: timeouts(ms.positive()).optional(),
  priority: z.enum(['critical', 'high', 'normal', 'low', 'batch']).optional(),
  tenant: name.max(256).optional(),
  session: name.max(256).optional(),
  tags: z.record(text, text).optional(),
  unsupported: z.enum(['warn', 'error']).optional(),
  upstream: z.enum(['stream', 'whole']).optional(),
  hedge: z
    .union([
      z.literal(false),
      z.strictObject({
        after: z.union([ms.min(0), z.literal('p95')]).optional(),
        maxExtraLoad: z.number().min(0).max(1).optional(),
        withTools: z.boolean().optional(),
      }),
    ])
    .optional(),
  race: z.literal(2).optional(),
  fallback: z
    .union([
      z.literal(false),
      z.strictObject({
        on: z.array(z.enum(['content_filter', 'refusal', 'empty', 'truncated'])).optional(),
      }),
    ])
    .optional(),
  rescue: z.enum(['continue', 'restart', 'hold']).optional(),
  deadLetter: z.boolean().optional(),
  preferredProvider: name.optional(),
  require: z
    .strictObject({
      lowCost: z.boolean().optional(),
      highQuality: z.boolean().optional(),
      lowLatency: z.boolean().optional(),
      capabilities: z
        .array(z.enum(['tools', 'images', 'audio', 'files', 'jsonSchema', 'reasoning']))
        .optional(),
      contextTokens: z.int().positive().optional(),
      region: name.optional(),
      pinnedVersion: z.boolean().optional(),
    })
    .optional(),
  maxCostUsd: z.number().min(0).optional(),
})

/** Options of one call that are JSON. A limit in the past is no fault of form: it ends the call as a timeout. */
export const requestOptionsSchema = z.strictObject({
  ...standingOptionsSchema.shape,
  timeout: timeouts(ms).optional(),
  requestId: headerText(200).optional(),
  idempotencyKey: headerText(255).optional(),
})

export const callOptionsSchema = z.strictObject({
  ...requestOptionsSchema.shape,
  signal: z.custom<CallSignal>(isSignal, 'must be an AbortSignal').optional(),
  accept: z.custom((value) => typeof value === 'function', 'must be a function of the answer').optional(),
})
