/** Answers of DeepSeek in its documented shapes, made by hand. */
import type { ErrorFixture, Fixture } from '@turnout/testing'
import { sse } from '../../openai-compatible/test/chat-support.js'

const MODEL = 'deepseek-v4-flash'
const shared = {
  id: '1f6a0c1e-7d52-4c1b-9a3e-5b0f7c2d8e41',
  created: 1_790_000_000,
  model: MODEL,
  system_fingerprint: 'fp_made_up',
}
const counts = {
  prompt_tokens: 140,
  completion_tokens: 42,
  total_tokens: 182,
  prompt_tokens_details: { cached_tokens: 128 },
  completion_tokens_details: { reasoning_tokens: 30 },
  prompt_cache_hit_tokens: 128,
  prompt_cache_miss_tokens: 12,
}
const usage = { inputTokens: 140, outputTokens: 42, cachedTokens: 128, reasoningTokens: 30 }

const chunk = (delta: object, finish_reason: string | null = null, rest: object = {}): object => ({
  ...shared,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  ...rest,
})
const begin = chunk({ role: 'assistant', content: '' })
/** Usage comes with the reason, on the same chunk. */
const last = (reason: string): object =>
  chunk({ content: '', reasoning_content: null }, reason, { usage: counts })
const whole = (message: object, finish_reason: string): string =>
  // Empty lines keep the connection alive while one waits for a whole answer.
  `\n\n\n${JSON.stringify({ ...shared, object: 'chat.completion', choices: [{ index: 0, message: { role: 'assistant', content: '', ...message }, logprobs: null, finish_reason }], usage: counts })}`

const tools = ['weather', 'time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object' } },
}))
const both = [
  { name: 'weather', arguments: { city: '成都' } },
  { name: 'time', arguments: {} },
]
const call = (index: number, id: string, name: string, text: string): object => ({
  index,
  id,
  type: 'function',
  function: { name, arguments: text },
})
const more = (index: number, text: string): object =>
  chunk({ tool_calls: [{ index, function: { arguments: text } }] })

const answers: readonly Fixture[] = [
  {
    name: 'thinking, then text',
    kind: 'stream',
    pair: 'thinking',
    body: `: keep-alive\n\n${sse(
      begin,
      chunk({ content: null, reasoning_content: 'Two ' }),
      chunk({ content: null, reasoning_content: 'and two.' }),
      chunk({ content: '四', reasoning_content: null }),
      chunk({ content: '。🐼', reasoning_content: null }),
      last('stop'),
      '[DONE]',
    )}`,
    expect: {
      reasoning: 'Two and two.',
      text: '四。🐼',
      finishReason: 'stop',
      nativeFinishReason: 'stop',
      model: MODEL,
      usage,
    },
  },
  {
    name: 'thinking, then text, whole',
    kind: 'response',
    pair: 'thinking',
    body: whole({ reasoning_content: 'Two and two.', content: '四。🐼' }, 'stop'),
    expect: { reasoning: 'Two and two.', text: '四。🐼', finishReason: 'stop', model: MODEL, usage },
  },
  {
    name: 'two calls',
    kind: 'stream',
    pair: 'tools',
    request: { tools },
    body: sse(
      begin,
      chunk({ tool_calls: [call(0, 'call_00_a', 'weather', '')] }),
      more(0, '{"city": '),
      more(0, '"成都"}'),
      chunk({ tool_calls: [call(1, 'call_01_b', 'time', '{}')] }),
      last('tool_calls'),
      '[DONE]',
    ),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'two calls, whole',
    kind: 'response',
    pair: 'tools',
    request: { tools },
    body: whole(
      {
        tool_calls: [call(0, 'call_00_a', 'weather', '{"city": "成都"}'), call(1, 'call_01_b', 'time', '{}')],
      },
      'tool_calls',
    ),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'length',
    kind: 'stream',
    body: sse(begin, chunk({ content: 'Once' }), last('length'), '[DONE]'),
    expect: { text: 'Once', finishReason: 'length' },
  },
  {
    name: 'the filter',
    kind: 'stream',
    body: sse(begin, last('content_filter'), '[DONE]'),
    expect: { finishReason: 'content_filter' },
  },
  {
    name: 'the service ran out of room',
    kind: 'stream',
    body: sse(begin, chunk({ content: 'Once' }), last('insufficient_system_resource'), '[DONE]'),
    expect: { text: 'Once', error: { code: 'overloaded', retryable: true } },
  },
  {
    name: 'the service ran out of room, whole',
    kind: 'response',
    body: whole({ content: 'Once' }, 'insufficient_system_resource'),
    expect: { error: { code: 'overloaded', retryable: true } },
  },
  {
    name: 'an error in the stream',
    kind: 'stream',
    body: sse(begin, chunk({ content: 'Once' }), {
      error: { message: 'Internal', type: 'server_error', param: null, code: null },
    }),
    expect: { text: 'Once', error: { code: 'upstream_error', retryable: true } },
  },
  {
    name: 'a closed connection',
    kind: 'stream',
    body: sse(begin, chunk({ content: 'Once' })),
    expect: { text: 'Once', error: { code: 'stream_interrupted' } },
  },
]

type Row = readonly [
  name: string,
  status: number,
  message: string,
  type: string,
  expect: ErrorFixture['expect'],
]
const ERRORS: readonly Row[] = [
  [
    'a wrong key',
    401,
    'Authentication Fails, Your api key is invalid',
    'authentication_error',
    { code: 'authentication', retryable: false },
  ],
  [
    'an empty wallet',
    402,
    'Insufficient Balance',
    'unknown_error',
    { code: 'quota_exhausted', retryable: false },
  ],
  [
    'too long',
    400,
    "This model's maximum context length is 131072 tokens. However, you requested 140000 tokens.",
    'invalid_request_error',
    { code: 'context_length', retryable: false },
  ],
  [
    'reasoning that was not sent back',
    400,
    'The reasoning_content in the thinking mode must be passed back to the API.',
    'invalid_request_error',
    { code: 'invalid_request', retryable: false },
  ],
  [
    'a bad parameter',
    422,
    'Failed to deserialize the JSON body into the target type',
    'invalid_request_error',
    { code: 'invalid_request', retryable: false },
  ],
  ['too fast', 429, 'Rate limit reached', 'rate_limit_error', { code: 'rate_limited', retryable: true }],
  ['their failure', 500, 'Internal error', 'server_error', { code: 'upstream_error', retryable: true }],
  [
    'too busy',
    503,
    'Service is too busy. We advise users to temporarily switch.',
    'service_unavailable_error',
    { code: 'overloaded', retryable: true },
  ],
]
const errors = ERRORS.map(([name, status, message, type, expect]): ErrorFixture => ({
  name,
  kind: 'error',
  status,
  body: JSON.stringify({ error: { message, type, param: null, code: 'made_up' } }),
  expect,
  // Their errors come as this type now and then; the body decides.
  headers: { 'content-type': 'application/octet-stream', 'x-ds-trace-id': 't-1' },
}))

export const fixtures: readonly Fixture[] = [...answers, ...errors]
