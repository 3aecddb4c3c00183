/** Answers of xAI's Chat Completions in its documented shapes, made by hand. */
import type { ErrorFixture, Fixture } from '@turnout/testing'
import { sse } from '../../openai-compatible/test/chat-support.js'

const MODEL = 'grok-4.5'
const shared = {
  id: '0a1b2c3d-made-up',
  created: 1_790_000_000,
  model: MODEL,
  system_fingerprint: 'fp_made_up',
}
/** The completion count leaves reasoning out; the three add up to the total. */
const counts = {
  prompt_tokens: 50,
  completion_tokens: 9,
  total_tokens: 79,
  num_sources_used: 0,
  cost_in_usd_ticks: 123_000_000,
  prompt_tokens_details: { text_tokens: 50, audio_tokens: 0, image_tokens: 0, cached_tokens: 40 },
  completion_tokens_details: {
    reasoning_tokens: 20,
    audio_tokens: 0,
    accepted_prediction_tokens: 0,
    rejected_prediction_tokens: 0,
  },
}
const usage = { inputTokens: 50, outputTokens: 29, cachedTokens: 40, reasoningTokens: 20 }
const chunk = (delta: object, finish_reason: string | null = null): object => ({
  ...shared,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
})
const end = (reason: string): string =>
  sse(chunk({}, reason), { ...shared, object: 'chat.completion.chunk', choices: [], usage: counts }, '[DONE]')
const whole = (message: object, finish_reason: string, total: object = counts): string =>
  JSON.stringify({
    ...shared,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content: '', refusal: null, ...message }, finish_reason },
    ],
    usage: total,
  })
const tools = ['weather', 'time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object' } },
}))
const both = [
  { name: 'weather', arguments: { city: 'Łódź' } },
  { name: 'time', arguments: {} },
]
const call = (index: number, id: string, name: string, text: string): object => ({
  index,
  id,
  type: 'function',
  function: { name, arguments: text },
})

const answers: readonly Fixture[] = [
  {
    name: 'reasoning, then text',
    kind: 'stream',
    pair: 'reasoning',
    body:
      sse(
        chunk({ role: 'assistant', content: '', reasoning_content: 'Hm, ' }),
        chunk({ reasoning_content: 'yes.' }),
        chunk({ content: 'Dzień ' }),
        chunk({ content: 'dobry 🌅' }),
      ) + end('stop'),
    expect: { reasoning: 'Hm, yes.', text: 'Dzień dobry 🌅', finishReason: 'stop', model: MODEL, usage },
  },
  {
    name: 'reasoning, then text, whole',
    kind: 'response',
    pair: 'reasoning',
    body: whole({ reasoning_content: 'Hm, yes.', content: 'Dzień dobry 🌅' }, 'stop'),
    expect: { reasoning: 'Hm, yes.', text: 'Dzień dobry 🌅', finishReason: 'stop', model: MODEL, usage },
  },
  {
    name: 'two calls, each in one chunk',
    kind: 'stream',
    pair: 'tools',
    request: { tools },
    body:
      sse(
        chunk({
          role: 'assistant',
          content: '',
          tool_calls: [call(0, 'call_1', 'weather', '{"city":"Łódź"}')],
        }),
        chunk({ tool_calls: [call(1, 'call_2', 'time', '{}')] }),
      ) + end('tool_calls'),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'two calls, whole',
    kind: 'response',
    pair: 'tools',
    request: { tools },
    body: whole(
      { tool_calls: [call(0, 'call_1', 'weather', '{"city":"Łódź"}'), call(1, 'call_2', 'time', '{}')] },
      'tool_calls',
    ),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'more from the cache than there was to read',
    kind: 'response',
    body: whole({ content: 'x' }, 'stop', { ...counts, prompt_tokens_details: { cached_tokens: 64 } }),
    expect: { usage: { inputTokens: 50, cachedTokens: 50 } },
  },
  {
    name: 'length',
    kind: 'stream',
    body: sse(chunk({ role: 'assistant', content: 'Once' })) + end('length'),
    expect: { text: 'Once', finishReason: 'length' },
  },
  {
    name: 'an error in the stream',
    kind: 'stream',
    body: sse(chunk({ content: 'Once' }), {
      error: { message: 'Internal', type: 'server_error', code: null },
    }),
    expect: { text: 'Once', error: { code: 'upstream_error', retryable: true } },
  },
  {
    name: 'an error in the other shape in the stream',
    kind: 'stream',
    body: sse(chunk({ content: 'Once' }), {
      code: 'Service temporarily unavailable',
      error: 'The model is overloaded, it is unavailable',
    }),
    expect: { text: 'Once', error: { code: 'upstream_error', retryable: true } },
  },
  {
    name: 'a closed connection',
    kind: 'stream',
    body: sse(chunk({ content: 'Once' })),
    expect: { text: 'Once', error: { code: 'stream_interrupted' } },
  },
]

type Row = readonly [
  name: string,
  status: number,
  code: string,
  message: string,
  expect: ErrorFixture['expect'],
]
const ERRORS: readonly Row[] = [
  [
    'a wrong key',
    400,
    'Client specified an invalid argument',
    'Incorrect API key provided: xa***ey. You can obtain an API key from https://console.x.ai.',
    { code: 'authentication', retryable: false },
  ],
  [
    'a missing key',
    401,
    'Unauthenticated',
    'No API key was provided.',
    { code: 'authentication', retryable: false },
  ],
  [
    'a bad request',
    400,
    'Client specified an invalid argument',
    'Argument not supported on this model: stop',
    { code: 'invalid_request', retryable: false },
  ],
  [
    'no credits',
    403,
    'The caller does not have permission',
    'Your team has either used all available credits or reached its monthly spending limit.',
    { code: 'quota_exhausted', retryable: false },
  ],
  [
    'no permission',
    403,
    'The caller does not have permission',
    'This model is not available to your team.',
    { code: 'permission', retryable: false },
  ],
  [
    'no such model',
    404,
    'Some requested entity was not found',
    'The model grok-9 does not exist.',
    { code: 'not_found', retryable: false },
  ],
  [
    'not understood',
    422,
    'Unprocessable',
    'Failed to deserialize the JSON body into the target type',
    { code: 'invalid_request', retryable: false },
  ],
  [
    'too fast',
    429,
    'Some resource has been exhausted',
    'Too many requests for your team.',
    { code: 'rate_limited', retryable: true },
  ],
  [
    'their failure',
    500,
    'Internal error',
    'Something went wrong.',
    { code: 'upstream_error', retryable: true },
  ],
  [
    'busy',
    503,
    'The service is currently unavailable',
    'The model is at capacity.',
    { code: 'overloaded', retryable: true },
  ],
]
const errors = ERRORS.map(([name, status, code, error, expect]): ErrorFixture => ({
  name,
  kind: 'error',
  status,
  expect,
  body: JSON.stringify({ code, error }),
}))

export const fixtures: readonly Fixture[] = [...answers, ...errors]
