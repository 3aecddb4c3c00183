/**
 * Answers as TokenMix may give them: no recording is public, so each has the quirks of an upstream that it serves. All
 * made by hand.
 */
import type { ErrorFixture, Fixture } from '@turnout/testing'
import { sse } from '../../openai-compatible/test/chat-support.js'

const MODEL = 'deepseek/deepseek-v4-pro'
const shared = { id: 'chatcmpl-tm-1', created: 1_790_000_000, model: MODEL }
const counts = {
  prompt_tokens: 20,
  completion_tokens: 10,
  total_tokens: 30,
  prompt_tokens_details: { cached_tokens: 5 },
  completion_tokens_details: { reasoning_tokens: 4 },
}
const usage = { inputTokens: 20, outputTokens: 10, cachedTokens: 5, reasoningTokens: 4 }
const chunk = (delta: object, finish_reason: string | null = null, rest: object = {}): object => ({
  ...shared,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, finish_reason }],
  ...rest,
})
const whole = (message: object, finish_reason: string, rest: object = {}): string =>
  JSON.stringify({
    ...shared,
    object: 'chat.completion',
    usage: counts,
    choices: [{ index: 0, message: { role: 'assistant', content: '', ...message }, finish_reason }],
    ...rest,
  })
const tools = ['weather', 'time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object' } },
}))
const both = [
  { name: 'weather', arguments: { city: 'Köln' } },
  { name: 'time', arguments: {} },
]
const call = (id: string, name: string, text: string): object => ({
  id,
  type: 'function',
  function: { name, arguments: text },
})

const answers: readonly Fixture[] = [
  {
    name: 'reasoning_content, usage on a chunk without choices',
    kind: 'stream',
    pair: 'reasoning',
    body: sse(
      chunk({ role: 'assistant', content: '' }),
      chunk({ reasoning_content: 'Hm. ' }),
      chunk({ content: 'Ja 🍻' }),
      chunk({}, 'stop'),
      { ...shared, choices: [], usage: counts },
      '[DONE]',
    ),
    expect: { reasoning: 'Hm. ', text: 'Ja 🍻', finishReason: 'stop', model: MODEL, usage },
  },
  {
    name: 'reasoning, usage beside choices',
    kind: 'stream',
    pair: 'reasoning too',
    body: sse(
      chunk({ role: 'assistant', reasoning: 'Hm. ' }),
      chunk({ content: 'Ja 🍻' }),
      chunk({ content: '' }, 'stop', { usage: counts }),
      '[DONE]',
    ),
    expect: { reasoning: 'Hm. ', text: 'Ja 🍻', finishReason: 'stop', usage },
  },
  {
    name: 'reasoning_content, whole',
    kind: 'response',
    pair: 'reasoning',
    body: whole({ reasoning_content: 'Hm. ', content: 'Ja 🍻' }, 'stop'),
    expect: { reasoning: 'Hm. ', text: 'Ja 🍻', finishReason: 'stop', usage },
  },
  {
    name: 'reasoning, whole',
    kind: 'response',
    pair: 'reasoning too',
    body: whole({ reasoning: 'Hm. ', content: 'Ja 🍻' }, 'stop'),
    expect: { reasoning: 'Hm. ', text: 'Ja 🍻', finishReason: 'stop', usage },
  },
  {
    name: 'calls without an index',
    kind: 'stream',
    pair: 'tools',
    request: { tools },
    body: sse(
      chunk({ role: 'assistant', tool_calls: [call('call_1', 'weather', '{"city": "Köln"}')] }),
      chunk({ tool_calls: [call('call_2', 'time', '{}')] }),
      chunk({}, 'tool_calls', { usage: counts }),
      '[DONE]',
    ),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'calls, whole',
    kind: 'response',
    pair: 'tools',
    request: { tools },
    body: whole(
      {
        content: null,
        tool_calls: [call('call_1', 'weather', '{"city": "Köln"}'), call('call_2', 'time', '{}')],
      },
      'tool_calls',
    ),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'no usage',
    kind: 'stream',
    body: sse(chunk({ role: 'assistant', content: 'Ja' }), chunk({}, 'stop'), '[DONE]'),
    expect: { text: 'Ja', finishReason: 'stop' },
  },
  {
    name: 'an error with status 200',
    kind: 'response',
    body: JSON.stringify({ error: { message: 'upstream failed', type: 'upstream_error' } }),
    expect: { error: { code: 'upstream_error', retryable: true } },
  },
  {
    name: 'an error in the stream',
    kind: 'stream',
    body: sse(chunk({ content: 'Ja' }), { error: { message: 'upstream failed', code: 502 } }),
    expect: { text: 'Ja', error: { code: 'upstream_error', retryable: true } },
  },
  {
    name: 'a closed connection',
    kind: 'stream',
    body: sse(chunk({ content: 'Ja' })),
    expect: { text: 'Ja', error: { code: 'stream_interrupted' } },
  },
]

type Row = readonly [
  name: string,
  status: number,
  body: unknown,
  expect: ErrorFixture['expect'],
  headers?: Readonly<Record<string, string>>,
]
const ERRORS: readonly Row[] = [
  [
    'a bad request',
    400,
    { error: { message: "Invalid value for parameter 'tools'", type: 'invalid_request_error' } },
    { code: 'invalid_request', retryable: false },
  ],
  [
    'a wrong key',
    401,
    { error: { message: 'Invalid API key' } },
    { code: 'authentication', retryable: false },
  ],
  [
    'an empty wallet',
    402,
    { message: 'Your wallet is empty' },
    { code: 'quota_exhausted', retryable: false },
  ],
  [
    'too many a minute',
    429,
    { error: { message: 'RPM limit reached' } },
    { code: 'rate_limited', retryable: true, retryAfterMs: 12_000 },
    { 'retry-after': '12' },
  ],
  [
    'too many a day',
    429,
    { error: { message: 'RPD limit reached: requests per day' } },
    { code: 'quota_exhausted', retryable: false },
  ],
  ['their failure', 500, 'Internal Server Error', { code: 'upstream_error', retryable: true }],
]
const errors = ERRORS.map(([name, status, body, expect, headers = {}]): ErrorFixture => ({
  name,
  kind: 'error',
  status,
  expect,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  headers,
}))

export const fixtures: readonly Fixture[] = [...answers, ...errors]
