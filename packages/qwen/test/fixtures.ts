/** Answers of Qwen in its documented shapes, made by hand. */
import type { ErrorFixture, Fixture } from '@turnout/testing'
import { sse } from '../../openai-compatible/test/chat-support.js'

const MODEL = 'qwen-plus'
const shared = { id: 'chatcmpl-5a0d7c1e', created: 1_790_000_000, model: MODEL, system_fingerprint: null }
const counts = {
  prompt_tokens: 300,
  completion_tokens: 25,
  total_tokens: 325,
  prompt_tokens_details: { cached_tokens: 256, cache_creation_input_tokens: 20 },
  completion_tokens_details: { reasoning_tokens: 10 },
}
const usage = {
  inputTokens: 300,
  outputTokens: 25,
  cachedTokens: 256,
  cacheWriteTokens: 20,
  reasoningTokens: 10,
}

const chunk = (delta: object, finish_reason: string | null = null): object => ({
  ...shared,
  object: 'chat.completion.chunk',
  choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  usage: null,
})
const begin = chunk({ role: 'assistant', content: '' })
/** Usage comes behind, without choices. */
const counted: object = { ...shared, object: 'chat.completion.chunk', choices: [], usage: counts }
const end = (reason: string): string => sse(chunk({ content: '' }, reason), counted, '[DONE]')
const whole = (message: object, finish_reason: string): string =>
  JSON.stringify({
    ...shared,
    object: 'chat.completion',
    choices: [
      { index: 0, message: { role: 'assistant', content: '', ...message }, logprobs: null, finish_reason },
    ],
    usage: counts,
  })

const tools = ['weather', 'time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object' } },
}))
const both = [
  { name: 'weather', arguments: { city: '杭州' } },
  { name: 'time', arguments: {} },
]
const call = (index: number, id: string, name: string | undefined, text: string): object => ({
  index,
  id,
  type: 'function',
  function: { ...(name !== undefined && { name }), arguments: text },
})
const piece = (...calls: readonly object[]): object => chunk({ content: null, role: null, tool_calls: calls })

const answers: readonly Fixture[] = [
  {
    name: 'thinking, then text',
    kind: 'stream',
    pair: 'thinking',
    model: 'qwen3-32b',
    body:
      sse(
        chunk({ role: 'assistant', content: null, reasoning_content: '' }),
        chunk({ content: null, reasoning_content: 'Lake ' }),
        chunk({ content: null, reasoning_content: 'first.' }),
        chunk({ content: '西湖', reasoning_content: null }),
        chunk({ content: '。🛶', reasoning_content: '' }),
      ) + end('stop'),
    expect: {
      reasoning: 'Lake first.',
      text: '西湖。🛶',
      finishReason: 'stop',
      nativeFinishReason: 'stop',
      usage,
    },
  },
  {
    name: 'thinking, then text, whole',
    kind: 'response',
    pair: 'thinking',
    model: 'qwen3-32b',
    body: whole({ reasoning_content: 'Lake first.', content: '西湖。🛶' }, 'stop'),
    expect: { reasoning: 'Lake first.', text: '西湖。🛶', finishReason: 'stop', usage },
  },
  {
    name: 'two calls whose later pieces have empty ids and names',
    kind: 'stream',
    pair: 'tools',
    request: { tools },
    body:
      sse(
        begin,
        piece(call(0, 'call_a1', 'weather', '')),
        piece(call(0, 'call_a1', '', '{"city": ')),
        piece(call(0, '', undefined, '"杭州"}')),
        piece(call(0, '', '', '')),
        piece(call(1, 'call_b2', 'time', '{}')),
        piece(call(1, '', undefined, '')),
      ) + end('tool_calls'),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'two calls, whole',
    kind: 'response',
    pair: 'tools',
    request: { tools },
    body: whole(
      { tool_calls: [call(0, 'call_a1', 'weather', '{"city": "杭州"}'), call(1, 'call_b2', 'time', '{}')] },
      'tool_calls',
    ),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'length',
    kind: 'stream',
    body: sse(begin, chunk({ content: 'Once' })) + end('length'),
    expect: { text: 'Once', finishReason: 'length' },
  },
  {
    name: 'an error in the stream',
    kind: 'stream',
    body: sse(begin, chunk({ content: 'Once' }), {
      error: {
        message: 'Output data may contain inappropriate content.',
        type: 'data_inspection_failed',
        param: null,
        code: 'data_inspection_failed',
      },
      request_id: 'r',
    }),
    expect: { text: 'Once', error: { code: 'content_filtered', retryable: false } },
  },
  {
    name: 'an error in the native shape in the stream',
    kind: 'stream',
    body: sse(begin, chunk({ content: 'Once' }), {
      code: 'InternalError',
      message: 'An internal error has occurred.',
      request_id: 'r',
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
  code: string | null,
  message: string,
  expect: ErrorFixture['expect'],
]
const ERRORS: readonly Row[] = [
  [
    'a wrong key',
    401,
    'invalid_api_key',
    'Incorrect API key provided.',
    { code: 'authentication', retryable: false },
  ],
  [
    'a missing key',
    401,
    null,
    "You didn't provide an API key.",
    { code: 'authentication', retryable: false },
  ],
  [
    'a bad parameter',
    400,
    'invalid_parameter_error',
    'InternalError.Algo.InvalidParameter: temperature',
    { code: 'invalid_request', retryable: false },
  ],
  [
    'too long',
    400,
    'invalid_parameter_error',
    'Range of input length should be [1, 129024]',
    { code: 'context_length', retryable: false },
  ],
  [
    'inspected',
    400,
    'data_inspection_failed',
    'Input data may contain inappropriate content.',
    { code: 'content_filtered', retryable: false },
  ],
  [
    'unpaid',
    400,
    'Arrearage',
    'Access denied, please make sure your account is in good standing.',
    { code: 'quota_exhausted', retryable: false },
  ],
  [
    'the free tier only',
    403,
    'AllocationQuota.FreeTierOnly',
    'The free tier of the model has been exhausted.',
    { code: 'quota_exhausted', retryable: false },
  ],
  ['no access', 403, 'Model.AccessDenied', 'Model access denied.', { code: 'permission', retryable: false }],
  [
    'no such model',
    404,
    'model_not_found',
    'The model `x` does not exist.',
    { code: 'not_found', retryable: false },
  ],
  [
    'too fast',
    429,
    'limit_requests',
    'You exceeded your current requests list.',
    { code: 'rate_limited', retryable: true },
  ],
  [
    'tokens a minute',
    429,
    'insufficient_quota',
    'You exceeded your current quota, please check your plan and billing details.',
    { code: 'rate_limited', retryable: true },
  ],
  [
    'a free quota used up',
    429,
    'insufficient_quota',
    'Your free allocated quota has been exceeded.',
    { code: 'quota_exhausted', retryable: false },
  ],
  [
    'their failure',
    500,
    'InternalError',
    'An internal error has occurred.',
    { code: 'upstream_error', retryable: true },
  ],
  ['not served', 503, 'ModelUnavailable', 'Model is unavailable.', { code: 'overloaded', retryable: true }],
]
const errors = ERRORS.flatMap(([name, status, code, message, expect]): readonly ErrorFixture[] => [
  {
    name,
    kind: 'error',
    status,
    expect,
    body: JSON.stringify({
      error: { message, type: code ?? 'invalid_request_error', param: null, code },
      request_id: 'r-1',
    }),
  },
  {
    name: `${name}, in the native shape`,
    kind: 'error',
    status,
    expect,
    body: JSON.stringify({ code, message, request_id: 'r-1' }),
  },
])

export const fixtures: readonly Fixture[] = [...answers, ...errors]
