/**
 * The request as zod schemas. They check and are then forgotten: the pipeline keeps the caller's own objects.
 * Unknown keys pass (loose objects); `validate-request.ts` warns about them.
 */
import * as z from 'zod'

const number = z.number().nullish()
const count = z.int().positive().nullish()
const text = z.string()

const cacheControl = z.looseObject({ type: z.literal('ephemeral'), ttl: z.enum(['5m', '1h']).optional() }).optional()
/** Parts are checked one by one against {@link PART_SCHEMAS}, so that an unknown type can pass with a warning. */
const content = z.union([text, z.array(z.looseObject({ type: text }))])

export const PART_SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['text', z.looseObject({ text, cache_control: cacheControl })],
  ['image_url', z.looseObject({
    image_url: z.looseObject({ url: text.min(1), detail: text.optional() }),
    cache_control: cacheControl,
  })],
  ['input_audio', z.looseObject({ input_audio: z.looseObject({ data: text.min(1), format: text.min(1) }), cache_control: cacheControl })],
  ['file', z.looseObject({
    file: z.looseObject({
      file_data: text.optional(), filename: text.optional(), file_id: text.optional(), file_url: text.optional(),
    }),
    cache_control: cacheControl,
  })],
  ['refusal', z.looseObject({ refusal: text })],
])

const system = z.looseObject({ content, name: text.optional(), cache_control: cacheControl })

export const MESSAGE_SCHEMAS: ReadonlyMap<string, z.ZodType> = new Map<string, z.ZodType>([
  ['system', system],
  ['developer', system],
  ['user', system],
  ['assistant', z.looseObject({
    content: content.nullish(),
    refusal: text.nullish(),
    reasoning_content: text.nullish(),
    reasoning_details: z.array(z.looseObject({ type: text })).optional(),
    tool_calls: z.array(z.looseObject({
      id: text,
      type: z.literal('function').optional(),
      function: z.looseObject({ name: text.min(1), arguments: text }),
    })).nullish(),
    cache_control: cacheControl,
  })],
  ['tool', z.looseObject({ tool_call_id: text, content, is_error: z.boolean().optional(), cache_control: cacheControl })],
])

const jsonObject = z.record(text, z.unknown())

const responseFormat = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text') }),
  z.looseObject({ type: z.literal('json_object') }),
  z.looseObject({
    type: z.literal('json_schema'),
    json_schema: z.looseObject({
      name: text.min(1), description: text.optional(), schema: jsonObject.optional(), strict: z.boolean().nullish(),
    }),
  }),
])

/** Everything but the messages, which are walked by role. */
export const requestSchema = z.looseObject({
  model: text.min(1),
  messages: z.array(z.unknown()).min(1),
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
  tools: z.array(z.looseObject({
    type: z.literal('function'),
    function: z.looseObject({
      name: text.min(1), description: text.optional(), parameters: jsonObject.optional(), strict: z.boolean().nullish(),
    }),
    cache_control: cacheControl,
  })).max(512).optional(),
  tool_choice: z.union([
    z.enum(['auto', 'none', 'required']),
    z.looseObject({ type: z.literal('function'), function: z.looseObject({ name: text.min(1) }) }),
  ]).optional(),
  parallel_tool_calls: z.boolean().optional(),
  response_format: responseFormat.optional(),
  reasoning_effort: text.nullish(),
  verbosity: z.enum(['low', 'medium', 'high']).nullish(),
  service_tier: text.nullish(),
  prompt_cache_key: text.optional(),
  store: z.boolean().nullish(),
  metadata: z.record(text, text).nullish(),
  user: text.optional(),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  provider_options: z.record(text, jsonObject).optional(),
  gateway: z.looseObject({}).optional(),
})

export const embeddingSchema = z.looseObject({
  model: text.min(1),
  input: z.union([text.min(1), z.array(text.min(1)).min(1)]),
  dimensions: z.int().positive().optional(),
  encoding_format: z.enum(['float', 'base64']).optional(),
  user: text.optional(),
  provider_options: z.record(text, jsonObject).optional(),
  gateway: z.looseObject({}).optional(),
})

const ms = z.number().finite()
/** Visible ASCII: these travel as header values. */
const headerText = (maxLength: number) => text.min(1).max(maxLength).regex(/^[\x21-\x7e]+$/, 'must be visible ASCII without spaces')

/** Strict: a misspelt option would silently do nothing. */
export const optionsSchema = z.strictObject({
  requestId: headerText(200).optional(),
  idempotencyKey: headerText(255).optional(),
  maxAttempts: z.int().min(1).max(100).optional(),
  timeout: z.strictObject({
    totalMs: ms.optional(), connectMs: ms.optional(), headersMs: ms.optional(), firstTokenMs: ms.optional(), idleMs: ms.optional(),
  }).optional(),
  priority: z.enum(['critical', 'high', 'normal', 'low', 'batch']).optional(),
  tenant: text.min(1).max(256).optional(),
  session: text.min(1).max(256).optional(),
  tags: z.record(text, text).optional(),
  unsupported: z.enum(['warn', 'error']).optional(),
  upstream: z.enum(['stream', 'whole']).optional(),
  signal: z.custom<AbortSignal>((value) => value instanceof AbortSignal, 'must be an AbortSignal').optional(),
})
