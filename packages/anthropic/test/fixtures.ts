/** Answers in Anthropic's documented shapes, made by hand: names, numbers, ids and signatures are invented. */
import type { ChatRequest } from '@turnout/core/adapter'
import type { ErrorFixture, Fixture } from '@turnout/testing'

const MODEL = 'claude-sonnet-4-5'
const ID = 'msg_0invented0001'
const SIGNATURE = 'SW52ZW50ZWQgc2lnbmF0dXJl'
const tools: NonNullable<ChatRequest['tools']> = ['get_weather', 'get_time'].map((name) => ({
  type: 'function',
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}))

type Fields = Readonly<Record<string, unknown>>

/** Named events with `\n` line ends, as the API writes them. */
export const sse = (...events: readonly (Fields & { readonly type: string })[]): string =>
  events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('')

const start = (usage: Fields, more: Fields = {}) => ({
  type: 'message_start',
  message: {
    id: ID,
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content: [],
    stop_reason: null,
    stop_sequence: null,
    usage,
    ...more,
  },
})
const open = (index: number, content_block: Fields) => ({ type: 'content_block_start', index, content_block })
const piece = (index: number, delta: Fields) => ({ type: 'content_block_delta', index, delta })
const close = (index: number) => ({ type: 'content_block_stop', index })
const ending = (stop_reason: string, usage: Fields, more: Fields = {}) => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null, ...more },
  usage,
})
const ping = { type: 'ping' }
const stop = { type: 'message_stop' }

const textAt = (index: number, ...pieces: readonly string[]) => [
  open(index, { type: 'text', text: '' }),
  ...pieces.map((text) => piece(index, { type: 'text_delta', text })),
  close(index),
]
const toolAt = (index: number, id: string, name: string, ...pieces: readonly string[]) => [
  open(index, { type: 'tool_use', id, name, input: {} }),
  ...pieces.map((partial_json) => piece(index, { type: 'input_json_delta', partial_json })),
  close(index),
]
const thinkingAt = (index: number, signature: string, ...pieces: readonly string[]) => [
  open(index, { type: 'thinking', thinking: '', signature: '' }),
  ...pieces.map((thinking) => piece(index, { type: 'thinking_delta', thinking })),
  piece(index, { type: 'signature_delta', signature }),
  close(index),
]

const message = (content: readonly Fields[], stop_reason: string, usage: Fields, more: Fields = {}): string =>
  JSON.stringify({
    id: ID,
    type: 'message',
    role: 'assistant',
    model: MODEL,
    content,
    stop_reason,
    stop_sequence: null,
    usage,
    ...more,
  })

const counted = (input_tokens: number, output_tokens: number, more: Fields = {}) => ({
  input_tokens,
  output_tokens,
  ...more,
})

/** The same answer twice: whole and streamed. */
function pair(
  name: string,
  expect: Extract<Fixture, { kind: 'stream' }>['expect'],
  response: string,
  stream: string,
  more: Pick<Fixture, 'model' | 'request'> = {},
): readonly Fixture[] {
  return [
    { name, kind: 'response', pair: name, body: response, expect, ...more },
    { name: `${name}, streamed`, kind: 'stream', pair: name, body: stream, expect, ...more },
  ]
}

const cited = {
  type: 'char_location',
  cited_text: 'Oslo is cold.',
  document_index: 0,
  document_title: 'facts.txt',
  start_char_index: 0,
  end_char_index: 13,
}
const webCited = {
  type: 'web_search_result_location',
  url: 'https://example.com/a',
  title: 'A page',
  cited_text: 'Version 9',
  encrypted_index: 'RW5jcnlwdGVk',
}
const searchCall = {
  type: 'server_tool_use',
  id: 'srvtoolu_01',
  name: 'web_search',
  input: { query: 'newest version' },
}
const searchResult = {
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_01',
  content: [
    {
      type: 'web_search_result',
      url: 'https://example.com/a',
      title: 'A page',
      encrypted_content: 'Q29udGVudA==',
      page_age: null,
    },
  ],
}
const recipe: Pick<Fixture, 'model' | 'request'> = {
  model: 'claude-sonnet-4-20250514',
  request: {
    response_format: {
      type: 'json_schema',
      json_schema: {
        name: 'recipe',
        schema: { type: 'object', properties: { title: { type: 'string' } }, required: ['title'] },
      },
    },
  },
}

const answers: readonly Fixture[] = [
  ...pair(
    'text',
    {
      text: 'Kraków ist schön 🌍.',
      finishReason: 'stop',
      nativeFinishReason: 'end_turn',
      model: MODEL,
      usage: { inputTokens: 12, outputTokens: 9 },
    },
    message([{ type: 'text', text: 'Kraków ist schön 🌍.' }], 'end_turn', counted(12, 9)),
    sse(
      start(counted(12, 1)),
      ping,
      ...textAt(0, 'Krak', 'ów ist', ' schön 🌍.'),
      ending('end_turn', counted(12, 9)),
      stop,
    ),
  ),
  ...pair(
    'text and parallel tools, one without arguments',
    {
      text: 'Let me look.',
      toolCalls: [
        { name: 'get_weather', arguments: { city: 'Oslo' } },
        { name: 'get_time', arguments: {} },
        { name: 'get_weather', arguments: { city: 'Rom"e' } },
      ],
      finishReason: 'tool_calls',
      nativeFinishReason: 'tool_use',
      usage: { inputTokens: 300, outputTokens: 60 },
    },
    message(
      [
        { type: 'text', text: 'Let me look.' },
        { type: 'tool_use', id: 'toolu_01', name: 'get_weather', input: { city: 'Oslo' } },
        { type: 'tool_use', id: 'toolu_02', name: 'get_time', input: {} },
        { type: 'tool_use', id: 'toolu_03', name: 'get_weather', input: { city: 'Rom"e' } },
      ],
      'tool_use',
      counted(300, 60),
    ),
    sse(
      start(counted(300, 2)),
      ...textAt(0, 'Let me', ' look.'),
      ...toolAt(1, 'toolu_01', 'get_weather', '', '{"city"', ':"Os', 'lo"}'),
      ...toolAt(2, 'toolu_02', 'get_time', ''),
      ...toolAt(3, 'toolu_03', 'get_weather', '{"city":"Rom\\', '"e"}'),
      ending('tool_use', counted(300, 60)),
      stop,
    ),
    { request: { tools } },
  ),
  ...pair(
    'thinking, redacted thinking and a tool call',
    {
      text: 'Checking.',
      reasoning: 'The user wants the weather. Call the tool.',
      toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }],
      finishReason: 'tool_calls',
      usage: { inputTokens: 40, outputTokens: 90, reasoningTokens: 55 },
    },
    message(
      [
        { type: 'thinking', thinking: 'The user wants the weather. Call the tool.', signature: SIGNATURE },
        { type: 'redacted_thinking', data: 'UmVkYWN0ZWQ=' },
        { type: 'text', text: 'Checking.' },
        { type: 'tool_use', id: 'toolu_07', name: 'get_weather', input: { city: 'Oslo' } },
      ],
      'tool_use',
      counted(40, 90, { output_tokens_details: { thinking_tokens: 55 } }),
    ),
    sse(
      start(counted(40, 3)),
      ...thinkingAt(0, SIGNATURE, 'The user wants', ' the weather. Call the tool.'),
      open(1, { type: 'redacted_thinking', data: 'UmVkYWN0ZWQ=' }),
      close(1),
      ...textAt(2, 'Checking.'),
      ...toolAt(3, 'toolu_07', 'get_weather', '{"city":"Oslo"}'),
      ending('tool_use', counted(40, 90, { output_tokens_details: { thinking_tokens: 55 } })),
      stop,
    ),
    { request: { tools } },
  ),
  ...pair(
    'thinking without its text',
    { text: '42', finishReason: 'stop', usage: { inputTokens: 20, outputTokens: 200, reasoningTokens: 190 } },
    message(
      [
        { type: 'thinking', thinking: '', signature: SIGNATURE },
        { type: 'text', text: '42' },
      ],
      'end_turn',
      counted(20, 200, { output_tokens_details: { thinking_tokens: 190 } }),
    ),
    sse(
      start(counted(20, 1)),
      ...thinkingAt(0, SIGNATURE),
      ...textAt(1, '42'),
      ending('end_turn', counted(20, 200, { output_tokens_details: { thinking_tokens: 190 } })),
      stop,
    ),
    { model: 'claude-opus-4-8' },
  ),
  ...pair(
    'web search with citations',
    {
      text: 'It is version 9, as of today.',
      toolCalls: [],
      finishReason: 'stop',
      usage: { inputTokens: 4000, outputTokens: 70 },
    },
    message(
      [
        searchCall,
        searchResult,
        { type: 'text', text: 'It is ' },
        { type: 'text', text: 'version 9', citations: [webCited] },
        { type: 'text', text: ', as of today.' },
      ],
      'end_turn',
      counted(4000, 70, { server_tool_use: { web_search_requests: 1 } }),
    ),
    sse(
      start(counted(1000, 1)),
      open(0, { ...searchCall, input: {} }),
      piece(0, { type: 'input_json_delta', partial_json: '{"query":"newest' }),
      piece(0, { type: 'input_json_delta', partial_json: ' version"}' }),
      close(0),
      open(1, searchResult),
      close(1),
      ...textAt(2, 'It ', 'is '),
      open(3, { type: 'text', text: '', citations: [] }),
      piece(3, { type: 'citations_delta', citation: webCited }),
      piece(3, { type: 'text_delta', text: 'version' }),
      piece(3, { type: 'text_delta', text: ' 9' }),
      close(3),
      ...textAt(4, ', as of today.'),
      ending('end_turn', counted(4000, 70, { server_tool_use: { web_search_requests: 1 } })),
      stop,
    ),
  ),
  ...pair(
    'citations of a document',
    {
      text: 'Cold in Oslo. Take a coat.',
      finishReason: 'stop',
      usage: { inputTokens: 80, outputTokens: 14 },
    },
    message(
      [
        { type: 'text', text: 'Cold in Oslo.', citations: [cited] },
        { type: 'text', text: ' Take a coat.' },
      ],
      'end_turn',
      counted(80, 14),
    ),
    sse(
      start(counted(80, 1)),
      open(0, { type: 'text', text: '', citations: [] }),
      piece(0, { type: 'citations_delta', citation: cited }),
      piece(0, { type: 'text_delta', text: 'Cold in Oslo.' }),
      close(0),
      ...textAt(1, ' Take a coat.'),
      ending('end_turn', counted(80, 14)),
      stop,
    ),
  ),
  ...pair(
    'refusal with its explanation',
    {
      text: 'Sure, ',
      refusal: 'This request touches a restricted area.',
      finishReason: 'content_filter',
      nativeFinishReason: 'refusal',
      usage: { inputTokens: 30, outputTokens: 4 },
    },
    message([{ type: 'text', text: 'Sure, ' }], 'refusal', counted(30, 4), {
      stop_details: {
        type: 'refusal',
        category: 'bio',
        explanation: 'This request touches a restricted area.',
      },
    }),
    sse(
      start(counted(30, 1)),
      ...textAt(0, 'Sure, '),
      ending('refusal', counted(30, 4), {
        stop_details: {
          type: 'refusal',
          category: 'bio',
          explanation: 'This request touches a restricted area.',
        },
      }),
      stop,
    ),
  ),
  ...pair(
    'a turn paused for a server tool',
    { text: 'Searching.', toolCalls: [], finishReason: 'stop', nativeFinishReason: 'pause_turn' },
    message([{ type: 'text', text: 'Searching.' }, searchCall], 'pause_turn', counted(50, 20)),
    sse(
      start(counted(50, 1)),
      ...textAt(0, 'Searching.'),
      open(1, { ...searchCall, input: {} }),
      piece(1, { type: 'input_json_delta', partial_json: '{"query":"newest version"}' }),
      close(1),
      ending('pause_turn', counted(50, 20)),
      stop,
    ),
  ),
  ...pair(
    'cache read and written, an hour of it',
    {
      text: 'OK',
      finishReason: 'stop',
      nativeFinishReason: 'stop_sequence',
      usage: { inputTokens: 10 + 700 + 3000, outputTokens: 4, cachedTokens: 3000, cacheWriteTokens: 700 },
    },
    message(
      [{ type: 'text', text: 'OK' }],
      'stop_sequence',
      counted(10, 4, {
        cache_creation_input_tokens: 700,
        cache_read_input_tokens: 3000,
        cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 500 },
        service_tier: 'standard',
      }),
    ),
    sse(
      start(
        counted(10, 1, {
          cache_creation_input_tokens: 700,
          cache_read_input_tokens: 3000,
          cache_creation: { ephemeral_5m_input_tokens: 200, ephemeral_1h_input_tokens: 500 },
          service_tier: 'standard',
        }),
      ),
      ...textAt(0, 'OK'),
      ending(
        'stop_sequence',
        counted(10, 4, { cache_creation_input_tokens: 700, cache_read_input_tokens: 3000 }),
      ),
      stop,
    ),
  ),
  ...pair(
    'structured output through a tool',
    {
      text: '{"title":"Soup"}',
      toolCalls: [],
      finishReason: 'stop',
      nativeFinishReason: 'tool_use',
      usage: { inputTokens: 90, outputTokens: 12 },
    },
    message(
      [{ type: 'tool_use', id: 'toolu_09', name: 'recipe', input: { title: 'Soup' } }],
      'tool_use',
      counted(90, 12),
    ),
    sse(
      start(counted(90, 1)),
      ...toolAt(0, 'toolu_09', 'recipe', '', '{"title":', '"Soup"}'),
      ending('tool_use', counted(90, 12)),
      stop,
    ),
    recipe,
  ),
  ...pair(
    'structured output that is empty',
    { text: '{}', toolCalls: [], finishReason: 'stop', nativeFinishReason: 'tool_use' },
    message([{ type: 'tool_use', id: 'toolu_10', name: 'recipe', input: {} }], 'tool_use', counted(90, 12)),
    sse(
      start(counted(90, 1)),
      ...toolAt(0, 'toolu_10', 'recipe', ''),
      ending('tool_use', counted(90, 12)),
      stop,
    ),
    recipe,
  ),
  ...pair(
    'the context window is full',
    { text: 'And then', finishReason: 'length', nativeFinishReason: 'model_context_window_exceeded' },
    message([{ type: 'text', text: 'And then' }], 'model_context_window_exceeded', counted(199_000, 1000)),
    sse(
      start(counted(199_000, 1)),
      ...textAt(0, 'And then'),
      ending('model_context_window_exceeded', counted(199_000, 1000)),
      stop,
    ),
  ),
  ...pair(
    'a stop reason and a block of tomorrow',
    { text: 'Hm.', finishReason: 'stop', nativeFinishReason: 'pondering' },
    message(
      [
        { type: 'hologram', data: 'xyz' },
        { type: 'text', text: 'Hm.' },
      ],
      'pondering',
      counted(5, 2),
    ),
    sse(
      start(counted(5, 1)),
      open(0, { type: 'hologram', data: 'xyz' }),
      piece(0, { type: 'hologram_delta', light: 1 }),
      close(0),
      { type: 'weather_report', index: 3 },
      ...textAt(1, 'Hm.'),
      ending('pondering', counted(5, 2)),
      stop,
    ),
  ),
  {
    name: 'arguments cut off by the length limit',
    kind: 'stream',
    request: { tools },
    body: sse(
      start(counted(30, 1)),
      ...toolAt(0, 'toolu_11', 'get_weather', '{"city":"Os'),
      ending('max_tokens', counted(30, 16)),
      stop,
    ),
    expect: {
      toolCalls: [{ name: 'get_weather', arguments: '{"city":"Os' }],
      finishReason: 'length',
      nativeFinishReason: 'max_tokens',
    },
  },
  {
    name: 'usage that is corrected twice',
    kind: 'stream',
    body: sse(
      start(counted(10, 1, { cache_read_input_tokens: 5, cache_creation_input_tokens: null })),
      ...textAt(0, 'Hi'),
      ending('end_turn', { output_tokens: 7, input_tokens: null }),
      ending('end_turn', counted(11, 8, { cache_read_input_tokens: 6 })),
      stop,
    ),
    expect: {
      text: 'Hi',
      finishReason: 'stop',
      usage: { inputTokens: 17, outputTokens: 8, cachedTokens: 6 },
    },
  },
  {
    name: 'a stop reason, then the connection closes',
    kind: 'stream',
    body: sse(start(counted(10, 1)), ...textAt(0, 'Hi'), ending('end_turn', counted(10, 3))),
    expect: { text: 'Hi', finishReason: 'stop', usage: { inputTokens: 10, outputTokens: 3 } },
  },
  {
    name: 'no end',
    kind: 'stream',
    body: sse(
      start(counted(10, 1)),
      open(0, { type: 'text', text: '' }),
      piece(0, { type: 'text_delta', text: 'Half an ans' }),
    ),
    expect: { text: 'Half an ans', error: { code: 'stream_interrupted', retryable: true } },
  },
  {
    name: 'overloaded in the middle',
    kind: 'stream',
    body: sse(
      start(counted(10, 1)),
      open(0, { type: 'text', text: '' }),
      piece(0, { type: 'text_delta', text: 'One mom' }),
      { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } },
    ),
    expect: { text: 'One mom', error: { code: 'overloaded', retryable: true, status: 529 } },
  },
  {
    name: 'an error as the first event',
    kind: 'stream',
    body: sse({
      type: 'error',
      error: { type: 'rate_limit_error', message: 'Slow down' },
      request_id: 'req_1',
    }),
    expect: { error: { code: 'rate_limited', retryable: true, status: 429 } },
  },
  {
    name: 'an error inside a 200',
    kind: 'response',
    body: JSON.stringify({ type: 'error', error: { type: 'api_error', message: 'Internal server error' } }),
    expect: { error: { code: 'upstream_error', retryable: true, status: 500 } },
  },
]

const wireError = (type: string, text: string, more: Fields = {}): string =>
  JSON.stringify({ type: 'error', error: { type, message: text, ...more }, request_id: 'req_0invented' })
const failed = (
  name: string,
  status: number,
  body: string,
  code: ErrorFixture['expect']['code'],
  retryable: boolean,
  headers: Readonly<Record<string, string>> = {},
  more: Partial<ErrorFixture['expect']> = {},
): ErrorFixture => ({
  name,
  kind: 'error',
  status,
  headers,
  body,
  expect: { code, retryable, status, ...more },
})

const errors: readonly ErrorFixture[] = [
  failed(
    'bad request',
    400,
    wireError('invalid_request_error', 'messages: at least one message is required'),
    'invalid_request',
    false,
    { 'x-should-retry': 'false' },
  ),
  failed(
    'prompt too long',
    400,
    wireError('invalid_request_error', 'prompt is too long: 210000 tokens > 200000 maximum'),
    'context_length',
    false,
  ),
  failed(
    'input and answer too long',
    400,
    wireError(
      'invalid_request_error',
      'input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000',
    ),
    'context_length',
    false,
  ),
  failed(
    'no credit',
    400,
    wireError('invalid_request_error', 'Your credit balance is too low to access the Anthropic API.'),
    'quota_exhausted',
    false,
  ),
  failed(
    'own limit reached',
    400,
    wireError('invalid_request_error', 'You have reached your specified API usage limits.'),
    'quota_exhausted',
    false,
  ),
  failed(
    'filtered',
    400,
    wireError('invalid_request_error', 'Output blocked by content filtering policy'),
    'content_filtered',
    false,
  ),
  failed('wrong key', 401, wireError('authentication_error', 'invalid x-api-key'), 'authentication', false, {
    'x-should-retry': 'false',
  }),
  failed('billing', 402, wireError('billing_error', 'Payment required'), 'quota_exhausted', false),
  failed(
    'no access',
    403,
    wireError('permission_error', 'Your key may not use this model'),
    'permission',
    false,
  ),
  failed('unknown model', 404, wireError('not_found_error', 'model: claude-nobody'), 'not_found', false),
  failed(
    'too large',
    413,
    wireError('request_too_large', 'Request exceeds the maximum size'),
    'invalid_request',
    false,
  ),
  failed(
    'rate limit with seconds',
    429,
    wireError('rate_limit_error', 'Number of requests exceeded'),
    'rate_limited',
    true,
    { 'retry-after': '12' },
    { retryAfterMs: 12_000 },
  ),
  failed(
    'growing too fast',
    429,
    wireError('rate_limit_error', 'Usage grows too fast', { details: { error_code: 'ramp_limit_exceeded' } }),
    'rate_limited',
    true,
  ),
  failed(
    'spend limit',
    429,
    wireError('rate_limit_error', 'Monthly limit', {
      details: { error_code: 'enforced_spend_limit_reached' },
    }),
    'quota_exhausted',
    false,
  ),
  failed(
    'contract limit',
    429,
    wireError('rate_limit_error', 'Contract limit', {
      details: { error_code: 'contract_spend_limit_reached' },
    }),
    'quota_exhausted',
    false,
  ),
  failed('server', 500, wireError('api_error', 'Internal server error'), 'upstream_error', true),
  failed(
    'server says do not retry',
    500,
    wireError('api_error', 'Internal server error'),
    'upstream_error',
    false,
    { 'x-should-retry': 'false' },
  ),
  failed('gateway timeout', 504, wireError('timeout_error', 'Request timed out'), 'timeout', true),
  failed('overloaded', 529, wireError('overloaded_error', 'Overloaded'), 'overloaded', true),
  failed('a type of tomorrow', 503, wireError('napping_error', 'Back soon'), 'overloaded', true),
  failed('a proxy page', 502, '<html><body>Bad gateway</body></html>', 'upstream_error', true, {
    'content-type': 'text/html',
  }),
]

export const fixtures: readonly Fixture[] = [...answers, ...errors]
