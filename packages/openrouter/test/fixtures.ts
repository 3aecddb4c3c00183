/** Answers of OpenRouter in its documented shapes, made by hand. */
import type { ErrorFixture, Fixture } from '@turnout/testing'
import { sse } from '../../openai-compatible/test/chat-support.js'

const MODEL = 'anthropic/claude-sonnet-4.6'
const shared = { id: 'gen-1790000000-a1B2c3', created: 1_790_000_000, model: MODEL, provider: 'Upstream' }
const counts = {
  prompt_tokens: 90,
  completion_tokens: 40,
  total_tokens: 130,
  cost: 0.00123,
  is_byok: false,
  prompt_tokens_details: { cached_tokens: 64, cache_write_tokens: 8, audio_tokens: 0 },
  cost_details: { upstream_inference_cost: null },
  completion_tokens_details: { reasoning_tokens: 12 },
}
const usage = {
  inputTokens: 90,
  outputTokens: 40,
  cachedTokens: 64,
  cacheWriteTokens: 8,
  reasoningTokens: 12,
}

const PROCESSING = ': OPENROUTER PROCESSING\n\n'
const chunk = (delta: object, finish_reason: string | null = null, rest: object = {}): object => ({
  ...shared,
  object: 'chat.completion.chunk',
  choices: [
    {
      index: 0,
      delta: { role: 'assistant', ...delta },
      finish_reason,
      native_finish_reason: finish_reason === 'stop' ? 'end_turn' : finish_reason,
      logprobs: null,
    },
  ],
  ...rest,
})
/** Usage comes on one more chunk whose choices are not empty. */
const end = (reason: string): string =>
  sse(chunk({ content: '' }, reason), chunk({ content: '' }, null, { usage: counts }), '[DONE]')
/** Lines of white space keep the connection alive. */
const whole = (message: object, finish_reason: string, rest: object = {}): string =>
  `\n         \n\n         \n${JSON.stringify({
    ...shared,
    object: 'chat.completion',
    usage: counts,
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason,
        native_finish_reason: finish_reason === 'stop' ? 'end_turn' : finish_reason,
        message: { role: 'assistant', content: '', refusal: null, ...message },
      },
    ],
    ...rest,
  })}`

const tools = ['weather', 'time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object' } },
}))
const both = [
  { name: 'weather', arguments: { city: 'Zürich' } },
  { name: 'time', arguments: {} },
]
const call = (index: number, id: string, name: string, text: string): object => ({
  index,
  id,
  type: 'function',
  function: { name, arguments: text },
})
const thought = (text: string, rest: object = {}): object => ({
  type: 'reasoning.text',
  text,
  format: 'anthropic-claude-v1',
  index: 0,
  ...rest,
})

const answers: readonly Fixture[] = [
  {
    name: 'reasoning, then text',
    kind: 'stream',
    pair: 'reasoning',
    body:
      PROCESSING +
      sse(chunk({ content: '', reasoning: 'Think ', reasoning_details: [thought('Think ')] })) +
      PROCESSING +
      sse(
        chunk({ content: '', reasoning: 'twice.', reasoning_details: [thought('twice.')] }),
        chunk({ content: '', reasoning_details: [thought('', { signature: 'c2ln' })] }),
        chunk({ content: 'Grüezi' }),
        chunk({ content: ' 🏔' }),
      ) +
      end('stop'),
    expect: {
      reasoning: 'Think twice.',
      text: 'Grüezi 🏔',
      finishReason: 'stop',
      nativeFinishReason: 'end_turn',
      model: MODEL,
      usage,
    },
  },
  {
    name: 'reasoning, then text, whole',
    kind: 'response',
    pair: 'reasoning',
    body: whole(
      {
        content: 'Grüezi 🏔',
        reasoning: 'Think twice.',
        reasoning_details: [thought('Think twice.', { signature: 'c2ln' })],
      },
      'stop',
    ),
    expect: {
      reasoning: 'Think twice.',
      text: 'Grüezi 🏔',
      finishReason: 'stop',
      nativeFinishReason: 'end_turn',
      model: MODEL,
      usage,
    },
  },
  {
    name: 'two calls',
    kind: 'stream',
    pair: 'tools',
    request: { tools },
    body:
      sse(
        chunk({ content: null, tool_calls: [call(0, 'toolu_1', 'weather', '')] }),
        chunk({
          content: null,
          tool_calls: [{ index: 0, type: 'function', function: { arguments: '{"city": ' } }],
        }),
        chunk({
          content: null,
          tool_calls: [{ index: 0, type: 'function', function: { arguments: '"Zürich"}' } }],
        }),
        chunk({ content: null, tool_calls: [call(1, 'toolu_2', 'time', '{}')] }),
      ) + end('tool_calls'),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'two calls, whole',
    kind: 'response',
    pair: 'tools',
    request: { tools },
    body: whole(
      {
        content: null,
        tool_calls: [call(0, 'toolu_1', 'weather', '{"city": "Zürich"}'), call(1, 'toolu_2', 'time', '{}')],
      },
      'tool_calls',
    ),
    expect: { toolCalls: both, finishReason: 'tool_calls', usage },
  },
  {
    name: 'an error in the stream',
    kind: 'stream',
    body: sse(
      chunk({ content: 'Once' }),
      chunk({ content: '' }, 'error', {
        error: { code: 502, message: 'Provider disconnected', metadata: { provider_name: 'Upstream' } },
      }),
    ),
    expect: { text: 'Once', error: { code: 'upstream_error', retryable: true } },
  },
  {
    name: 'an error as the first event',
    kind: 'stream',
    body:
      PROCESSING +
      sse({
        ...shared,
        error: {
          code: 429,
          message: 'Provider returned error',
          metadata: { raw: 'temporarily rate-limited upstream', provider_name: 'Upstream' },
        },
      }),
    expect: { error: { code: 'overloaded', retryable: true } },
  },
  {
    name: 'an error in a whole answer',
    kind: 'response',
    body: JSON.stringify({ error: { code: 503, message: 'No provider is available' } }),
    expect: { error: { code: 'overloaded', retryable: true } },
  },
  {
    name: 'an error in the choice',
    kind: 'response',
    body: JSON.stringify({
      ...shared,
      choices: [
        {
          index: 0,
          finish_reason: 'error',
          message: { role: 'assistant', content: 'On' },
          error: {
            code: 400,
            message: 'Provider returned error',
            metadata: { raw: '{"error":{"message":"prompt is too long: 250000 tokens > 200000 maximum"}}' },
          },
        },
      ],
    }),
    expect: { error: { code: 'context_length', retryable: false } },
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
  error: object,
  expect: ErrorFixture['expect'],
  headers?: Readonly<Record<string, string>>,
]
const RESET = String(Date.now() + 3_600_000)
const ERRORS: readonly Row[] = [
  ['a wrong key', 401, { message: 'User not found.' }, { code: 'authentication', retryable: false }],
  [
    'no credits',
    402,
    { message: 'Insufficient credits. Add more using your account page.' },
    { code: 'quota_exhausted', retryable: false },
  ],
  [
    'credits in flight',
    402,
    { message: 'Too much is under way.', metadata: { error_type: 'in_flight_budget' } },
    { code: 'rate_limited', retryable: true },
  ],
  [
    'moderated',
    403,
    {
      message: 'Your input was flagged.',
      metadata: { reasons: ['violence'], flagged_input: '…', provider_name: 'Upstream' },
    },
    { code: 'content_filtered', retryable: false },
  ],
  [
    "the key's limit",
    403,
    { message: 'Key limit exceeded (monthly limit).' },
    { code: 'quota_exhausted', retryable: false },
  ],
  [
    'not allowed',
    403,
    { message: 'This model is not available in your region.' },
    { code: 'permission', retryable: false },
  ],
  [
    'no endpoint',
    404,
    { message: 'No endpoints found that support tool use.' },
    { code: 'not_found', retryable: false },
  ],
  ['a timeout', 408, { message: 'Timed out' }, { code: 'timeout', retryable: true }],
  [
    "this key's rate",
    429,
    { message: 'Rate limit exceeded: limit_rpm' },
    { code: 'rate_limited', retryable: true, retryAfterMs: 7_000 },
    { 'retry-after': '7' },
  ],
  [
    "the upstream's rate",
    429,
    { message: 'Provider returned error', metadata: { raw: 'busy', provider_name: 'Upstream' } },
    { code: 'overloaded', retryable: true },
  ],
  [
    'the free models of the day',
    429,
    { message: 'Rate limit exceeded: free-models-per-day.' },
    { code: 'quota_exhausted', retryable: false },
    { 'x-ratelimit-reset': RESET },
  ],
  [
    'too long, says the upstream',
    400,
    {
      message: 'Provider returned error',
      metadata: {
        raw: '{"error":{"message":"maximum context length is 8192 tokens"}}',
        provider_name: 'Upstream',
      },
    },
    { code: 'context_length', retryable: false },
  ],
  [
    'too long, by its type',
    400,
    { message: 'Too long', metadata: { error_type: 'context_length_exceeded' } },
    { code: 'context_length', retryable: false },
  ],
  [
    'a bad prompt',
    400,
    { message: 'Messages must not be empty', metadata: { error_type: 'invalid_prompt' } },
    { code: 'invalid_request', retryable: false },
  ],
  ['down', 502, { message: 'Bad gateway' }, { code: 'upstream_error', retryable: true }],
  [
    'none left',
    503,
    { message: 'No available model provider', metadata: { error_type: 'provider_unavailable' } },
    { code: 'overloaded', retryable: true },
  ],
  ['overloaded', 529, { message: 'Overloaded' }, { code: 'overloaded', retryable: true }],
]
const errors = ERRORS.map(([name, status, error, expect, headers]): ErrorFixture => ({
  name,
  kind: 'error',
  status,
  expect,
  body: JSON.stringify({ error: { code: status, ...error }, user_id: 'user_1' }),
  headers: { 'content-type': 'application/json', 'x-generation-id': 'gen-1', ...headers },
}))

export const fixtures: readonly Fixture[] = [...answers, ...errors]
