/** Answers in Gemini's documented shapes, made by hand: names, numbers and signatures are invented. */
import type { Fixture } from '@turnout/testing'
import { errorBody, errorFixtures, retryInfo } from './error-fixtures.js'

const HEAD = { modelVersion: 'gemini-2.5-flash', responseId: 'r3sPoNsE-1' }
const SIGNATURE = 'EhQKEmludmVudGVkIHNpZ25hdHVyZQ=='
const WEATHER_TOOLS = ['get_weather', 'get_time'].map((name) => ({
  type: 'function' as const,
  function: { name, parameters: { type: 'object', properties: { city: { type: 'string' } } } },
}))

/** Data-only events with CRLF, as the API writes them. */
export const sse = (...events: readonly object[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join('')

const candidate = (parts: readonly object[], more: object = {}): object => ({
  content: { parts, role: 'model' },
  index: 0,
  ...more,
})
const answer = (candidates: readonly object[], more: object = {}): object => ({
  candidates,
  ...HEAD,
  ...more,
})
const usage = (
  promptTokenCount: number,
  candidatesTokenCount: number,
  thoughtsTokenCount = 0,
  more: object = {},
): object => ({
  usageMetadata: {
    promptTokenCount,
    ...(candidatesTokenCount > 0 && { candidatesTokenCount }),
    ...(thoughtsTokenCount > 0 && { thoughtsTokenCount }),
    totalTokenCount: promptTokenCount + candidatesTokenCount + thoughtsTokenCount,
    ...more,
  },
})
const STOP = { finishReason: 'STOP' }

const call = (name: string, args: object, more: object = {}): object => ({
  functionCall: { name, args },
  ...more,
})
const text = {
  text: 'Kraków ist schön 🌍.',
  finishReason: 'stop',
  nativeFinishReason: 'STOP',
  model: 'gemini-2.5-flash',
  usage: { inputTokens: 7, outputTokens: 9 },
} as const
const thoughtAndTool = {
  text: '',
  reasoning: 'The user wants the weather.\n',
  finishReason: 'tool_calls',
  nativeFinishReason: 'STOP',
  toolCalls: [{ name: 'get_weather', arguments: { city: 'Oslo' } }],
  usage: { inputTokens: 40, outputTokens: 42, reasoningTokens: 30 },
} as const
const parallel = {
  toolCalls: [
    { name: 'get_weather', arguments: { city: 'Oslo' } },
    { name: 'get_weather', arguments: { city: 'Rome' } },
    { name: 'get_time', arguments: {} },
  ],
  finishReason: 'tool_calls',
  usage: { inputTokens: 50, outputTokens: 36 },
} as const
const signedText = {
  text: 'Done: 42.',
  finishReason: 'stop',
  usage: { inputTokens: 12, outputTokens: 24, reasoningTokens: 20, cachedTokens: 8 },
} as const

export const fixtures: readonly Fixture[] = [
  {
    name: 'text',
    kind: 'response',
    pair: 'text',
    expect: text,
    body: JSON.stringify(answer([candidate([{ text: 'Kraków ist schön 🌍.' }], STOP)], usage(7, 9))),
  },
  {
    name: 'text stream',
    kind: 'stream',
    pair: 'text',
    expect: text,
    body: sse(
      answer([candidate([{ text: 'Krak' }])], usage(7, 0)),
      answer([candidate([{ text: 'ów ist ' }])], usage(7, 4)),
      answer([candidate([{ text: 'schön 🌍.' }], STOP)], usage(7, 9)),
    ),
  },
  {
    name: 'thought and tool',
    kind: 'response',
    pair: 'thought and tool',
    expect: thoughtAndTool,
    request: { tools: WEATHER_TOOLS },
    body: JSON.stringify(
      answer(
        [
          candidate(
            [
              { text: 'The user wants the weather.\n', thought: true },
              call('get_weather', { city: 'Oslo' }, { thoughtSignature: SIGNATURE }),
            ],
            STOP,
          ),
        ],
        usage(40, 12, 30),
      ),
    ),
  },
  {
    name: 'thought and tool stream',
    kind: 'stream',
    pair: 'thought and tool',
    expect: thoughtAndTool,
    request: { tools: WEATHER_TOOLS },
    body: sse(
      answer([candidate([{ text: 'The user ', thought: true }])], usage(40, 0, 12)),
      answer([candidate([{ text: 'wants the weather.\n', thought: true }])], usage(40, 0, 30)),
      answer(
        [candidate([call('get_weather', { city: 'Oslo' }, { thoughtSignature: SIGNATURE })], STOP)],
        usage(40, 12, 30),
      ),
    ),
  },
  {
    name: 'parallel tools',
    kind: 'response',
    pair: 'parallel tools',
    expect: parallel,
    request: { tools: WEATHER_TOOLS },
    body: JSON.stringify(
      answer(
        [
          candidate(
            [
              call('get_weather', { city: 'Oslo' }),
              call('get_weather', { city: 'Rome' }),
              { functionCall: { name: 'get_time' } },
            ],
            STOP,
          ),
        ],
        usage(50, 36),
      ),
    ),
  },
  {
    name: 'parallel tools stream, two in one event',
    kind: 'stream',
    pair: 'parallel tools',
    expect: parallel,
    request: { tools: WEATHER_TOOLS },
    body: sse(
      answer([candidate([call('get_weather', { city: 'Oslo' })])], usage(50, 12)),
      answer(
        [candidate([call('get_weather', { city: 'Rome' }), { functionCall: { name: 'get_time' } }], STOP)],
        usage(50, 36),
      ),
    ),
  },
  {
    name: 'signature on text',
    kind: 'response',
    pair: 'signature on text',
    expect: signedText,
    body: JSON.stringify(
      answer(
        [candidate([{ text: 'Done: 42.' }, { text: '', thoughtSignature: SIGNATURE }], STOP)],
        usage(12, 4, 20, { cachedContentTokenCount: 8 }),
      ),
    ),
  },
  {
    name: 'signature on an empty last part stream',
    kind: 'stream',
    pair: 'signature on text',
    expect: signedText,
    body: sse(
      answer([candidate([{ text: 'Done:' }])], usage(12, 2, 20)),
      answer([candidate([{ text: ' 42.' }])], usage(12, 4, 20)),
      answer(
        [candidate([{ text: '', thoughtSignature: SIGNATURE }], STOP)],
        usage(12, 4, 20, { cachedContentTokenCount: 8 }),
      ),
    ),
  },
  {
    name: 'thinking ate the limit',
    kind: 'response',
    expect: {
      text: '',
      finishReason: 'length',
      nativeFinishReason: 'MAX_TOKENS',
      usage: { inputTokens: 9, outputTokens: 61, reasoningTokens: 61 },
    },
    body: JSON.stringify(
      answer([{ content: { role: 'model' }, finishReason: 'MAX_TOKENS', index: 0 }], usage(9, 0, 61)),
    ),
  },
  {
    name: 'continuation stream',
    kind: 'stream',
    expect: { text: 'part one', finishReason: 'length', nativeFinishReason: 'CONTINUATION' },
    body: sse(
      answer([candidate([{ text: 'part one' }])]),
      answer([{ index: 0, finishReason: 'CONTINUATION', continuationToken: 'dG9rZW4=' }]),
    ),
  },
  {
    name: 'filtered answer',
    kind: 'response',
    expect: {
      text: '',
      finishReason: 'content_filter',
      nativeFinishReason: 'SAFETY',
      usage: { inputTokens: 14, outputTokens: 0 },
    },
    body: JSON.stringify(
      answer(
        [
          {
            content: {},
            finishReason: 'SAFETY',
            safetyRatings: [{ category: 'HARM_CATEGORY_HARASSMENT', probability: 'HIGH', blocked: true }],
          },
        ],
        usage(14, 0),
      ),
    ),
  },
  {
    name: 'blocked prompt',
    kind: 'response',
    pair: 'blocked prompt',
    expect: {
      text: '',
      finishReason: 'content_filter',
      nativeFinishReason: 'PROHIBITED_CONTENT',
      usage: { inputTokens: 21, outputTokens: 0 },
    },
    body: JSON.stringify({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, ...usage(21, 0), ...HEAD }),
  },
  {
    name: 'blocked prompt stream',
    kind: 'stream',
    pair: 'blocked prompt',
    expect: {
      text: '',
      finishReason: 'content_filter',
      nativeFinishReason: 'PROHIBITED_CONTENT',
      usage: { inputTokens: 21, outputTokens: 0 },
    },
    body: sse({ promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, ...usage(21, 0), ...HEAD }),
  },
  {
    name: 'unreadable tool call',
    kind: 'response',
    expect: { error: { code: 'bad_response', retryable: true } },
    body: JSON.stringify(
      answer(
        [{ content: {}, finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: 'print(call(' }],
        usage(30, 0),
      ),
    ),
  },
  {
    name: 'unreadable tool call stream',
    kind: 'stream',
    expect: { text: 'Let me see. ', error: { code: 'bad_response', retryable: true } },
    body: sse(
      answer([candidate([{ text: 'Let me see. ' }])]),
      answer([{ finishReason: 'MALFORMED_FUNCTION_CALL' }]),
    ),
  },
  {
    name: 'no finish reason',
    kind: 'response',
    expect: { error: { code: 'bad_response' } },
    body: JSON.stringify(answer([candidate([{ text: 'cut' }])])),
  },
  {
    name: 'STOP on every event',
    kind: 'stream',
    expect: { text: '秋风瑟瑟，叶落纷纷。', finishReason: 'stop', usage: null },
    body: ['秋风', '瑟瑟，', '叶落', '纷纷。']
      .map((piece) => sse({ candidates: [candidate([{ text: piece }], STOP)], responseId: HEAD.responseId }))
      .join(''),
  },
  {
    name: 'cut off',
    kind: 'stream',
    expect: { text: 'The first half', error: { code: 'stream_interrupted' } },
    body: sse(
      answer([candidate([{ text: 'The first ' }])]),
      answer([candidate([{ text: 'half' }])], usage(5, 3)),
    ),
  },
  {
    name: 'bare error after events',
    kind: 'stream',
    expect: { text: 'So far', error: { code: 'overloaded', retryable: true, status: 503 } },
    body: `${sse(answer([candidate([{ text: 'So far' }])]))}${errorBody(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.')}\r\n`,
  },
  {
    name: 'error event',
    kind: 'stream',
    expect: { text: 'So far', error: { code: 'upstream_error', retryable: true, status: 500 } },
    body: sse(answer([candidate([{ text: 'So far' }])]), {
      error: { code: 500, message: 'An internal error has occurred.', status: 'INTERNAL' },
    }),
  },
  {
    name: 'error in an array',
    kind: 'stream',
    expect: { error: { code: 'rate_limited', retryable: true, retryAfterMs: 12_000, status: 429 } },
    body: `[${errorBody(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.', [retryInfo('12s')])}\n]`,
  },
  {
    name: 'array instead of events',
    kind: 'stream',
    pair: 'text',
    expect: text,
    body: JSON.stringify(
      [
        answer([candidate([{ text: 'Kraków ist ' }])], usage(7, 4)),
        answer([candidate([{ text: 'schön 🌍.' }], STOP)], usage(7, 9)),
      ],
      undefined,
      1,
    ),
  },
  {
    name: 'whole answer instead of events',
    kind: 'stream',
    pair: 'text',
    expect: text,
    body: JSON.stringify(answer([candidate([{ text: 'Kraków ist schön 🌍.' }], STOP)], usage(7, 9))),
  },
  ...errorFixtures,
]
