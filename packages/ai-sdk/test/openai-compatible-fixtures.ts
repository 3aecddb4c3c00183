/** Answers in the Chat Completions dialect, as @ai-sdk/openai-compatible reads them. */
import type { Fixture } from '@turnout/testing'

const chunk = (delta: object, finish: string | null = null, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'chat-1', created: 1_760_000_000, model: 'acme-1', choices: [{ index: 0, delta, finish_reason: finish }], ...more })}\n\n`
const usage = {
  prompt_tokens: 20,
  completion_tokens: 5,
  total_tokens: 25,
  prompt_tokens_details: { cached_tokens: 8 },
  completion_tokens_details: { reasoning_tokens: 2 },
}
const counted = { inputTokens: 20, outputTokens: 5, cachedTokens: 8, reasoningTokens: 2 }
const whole = (message: object, finish: string): string =>
  JSON.stringify({
    id: 'chat-1',
    created: 1_760_000_000,
    model: 'acme-1',
    choices: [{ index: 0, message: { role: 'assistant', ...message }, finish_reason: finish }],
    usage,
  })
const error = (message: string, code: string): string =>
  JSON.stringify({ error: { message, code, type: code } })
const call = { id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city": "Oslo"}' } }

export const fixtures: readonly Fixture[] = [
  {
    kind: 'response',
    name: 'text',
    pair: 'text',
    body: whole({ content: 'Grüß dich!' }, 'stop'),
    expect: { text: 'Grüß dich!', finishReason: 'stop', nativeFinishReason: 'stop', usage: counted },
  },
  {
    kind: 'stream',
    name: 'text',
    pair: 'text',
    body: [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: 'Grüß ' }),
      chunk({ content: 'dich!' }),
      chunk({}, 'stop', { usage }),
      'data: [DONE]\n\n',
    ].join(''),
    expect: { text: 'Grüß dich!', finishReason: 'stop', nativeFinishReason: 'stop', usage: counted },
  },
  {
    kind: 'response',
    name: 'a tool call',
    pair: 'call',
    body: whole({ content: null, reasoning_content: 'Look.', tool_calls: [call] }, 'tool_calls'),
    expect: {
      reasoning: 'Look.',
      toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }],
      finishReason: 'tool_calls',
    },
  },
  {
    kind: 'stream',
    name: 'a tool call',
    pair: 'call',
    body: [
      chunk({ role: 'assistant', reasoning_content: 'Look.' }),
      chunk({
        tool_calls: [
          { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '' } },
        ],
      }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: '{"city":' } }] }),
      chunk({ tool_calls: [{ index: 0, function: { arguments: ' "Oslo"}' } }] }),
      chunk({}, 'tool_calls', { usage }),
      'data: [DONE]\n\n',
    ].join(''),
    expect: {
      reasoning: 'Look.',
      toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }],
      finishReason: 'tool_calls',
    },
  },
  {
    kind: 'response',
    name: 'cut by length',
    body: whole({ content: 'One two' }, 'length'),
    expect: { text: 'One two', finishReason: 'length' },
  },
  ...(
    [
      [401, 'Incorrect API key provided', 'invalid_api_key', { code: 'authentication' }],
      [404, 'The model does not exist', 'model_not_found', { code: 'not_found' }],
      [429, 'Slow down', 'rate_limit_exceeded', { code: 'rate_limited', retryAfterMs: 2_000 }],
      [429, 'You exceeded your quota', 'insufficient_quota', { code: 'quota_exhausted' }],
      [400, 'The maximum context length is 8 tokens', 'context_length_exceeded', { code: 'context_length' }],
      [400, 'Blocked', 'content_policy_violation', { code: 'content_filtered' }],
      [500, 'Oops', 'server_error', { code: 'upstream_error' }],
      [503, 'Busy', 'overloaded', { code: 'overloaded' }],
    ] as const
  ).map(([status, message, code, expect]): Fixture => ({
    kind: 'error',
    name: `${status} ${code}`,
    status,
    headers: {
      'content-type': 'application/json',
      ...(status === 429 && code === 'rate_limit_exceeded' && { 'retry-after': '2' }),
    },
    body: error(message, code),
    expect,
  })),
]
