/** Answers that come both whole and as a stream, made by hand for these tests. */
import type { ExpectedAnswer } from '@turnout/testing'
import type { Answer, Json } from './responses-events.js'

export const message = (id: string, text: string, extra: Json = {}): Json => ({
  id,
  type: 'message',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
  ...extra,
})

const thought = (id: string, summaries: readonly string[], encrypted?: string): Json => ({
  id,
  type: 'reasoning',
  status: 'completed',
  summary: summaries.map((text) => ({ type: 'summary_text', text })),
  ...(encrypted !== undefined && { encrypted_content: encrypted }),
})

const functionCall = (
  id: string,
  call_id: string,
  name: string,
  args: string,
  status = 'completed',
): Json => ({
  id,
  type: 'function_call',
  status,
  call_id,
  name,
  arguments: args,
})

export const answers: readonly {
  readonly name: string
  readonly answer: Answer
  readonly expect: ExpectedAnswer
}[] = [
  {
    name: 'text',
    answer: {
      id: 'resp_text',
      model: 'gpt-4.1-2025-04-14',
      usage: [12, 9, 0, 0],
      output: [message('msg_1', 'Grüße aus Zürich 🚋 — 你好')],
    },
    expect: { text: 'Grüße aus Zürich 🚋 — 你好', finishReason: 'stop', nativeFinishReason: 'completed' },
  },
  {
    name: 'reasoning and parallel calls',
    answer: {
      id: 'resp_calls',
      model: 'gpt-5-2025-08-07',
      usage: [210, 88, 128, 64],
      output: [
        thought('rs_1', ['**Planning**\nTwo lookups.', 'Both at once.'], 'ENC-1'),
        functionCall('fc_1', 'call_a', 'weather', '{"city":"Oslo","days":[1,2]}'),
        functionCall('fc_2', 'call_b', 'clock', '{}'),
      ],
    },
    expect: {
      text: '',
      reasoning: '**Planning**\nTwo lookups.\n\nBoth at once.',
      toolCalls: [
        { name: 'weather', arguments: '{"city":"Oslo","days":[1,2]}' },
        { name: 'clock', arguments: '{}' },
      ],
      finishReason: 'tool_calls',
      nativeFinishReason: 'completed',
    },
  },
  {
    name: 'commentary and final answer',
    answer: {
      id: 'resp_phases',
      model: 'gpt-5.4-2026-03-05',
      usage: [40, 60, 0, 20],
      output: [
        thought('rs_1', [], 'ENC-1'),
        message('msg_1', 'Let me look that up.', { phase: 'commentary' }),
        {
          id: 'ws_1',
          type: 'web_search_call',
          status: 'completed',
          action: { type: 'search', query: 'tram' },
        },
        thought('rs_2', ['Found it.'], 'ENC-2'),
        {
          ...message('msg_2', '', { phase: 'final_answer' }),
          content: [
            {
              type: 'output_text',
              text: 'The tram opened in 1894.',
              annotations: [
                {
                  type: 'url_citation',
                  start_index: 4,
                  end_index: 8,
                  url: 'https://example.org/tram',
                  title: 'Trams',
                },
              ],
              logprobs: [],
            },
          ],
        },
      ],
    },
    expect: {
      text: 'Let me look that up.\n\nThe tram opened in 1894.',
      reasoning: 'Found it.',
      finishReason: 'stop',
      nativeFinishReason: 'completed',
    },
  },
  {
    name: 'refusal',
    answer: {
      id: 'resp_refusal',
      model: 'gpt-4o-2024-08-06',
      usage: [20, 8, 0, 0],
      output: [
        {
          ...message('msg_1', ''),
          content: [{ type: 'refusal', refusal: "I'm sorry, I can't help with that." }],
        },
      ],
    },
    expect: {
      text: '',
      refusal: "I'm sorry, I can't help with that.",
      finishReason: 'content_filter',
      nativeFinishReason: 'completed',
    },
  },
  {
    name: 'cut by the output limit',
    answer: {
      id: 'resp_length',
      model: 'gpt-5-mini',
      status: 'incomplete',
      reason: 'max_output_tokens',
      usage: [30, 16, 0, 8],
      output: [thought('rs_1', [], 'ENC-1'), { ...message('msg_1', 'Once upon a'), status: 'incomplete' }],
    },
    expect: { text: 'Once upon a', finishReason: 'length', nativeFinishReason: 'max_output_tokens' },
  },
  {
    name: 'a call cut by the output limit',
    answer: {
      id: 'resp_cut',
      model: 'gpt-4.1',
      status: 'incomplete',
      reason: 'max_output_tokens',
      usage: [30, 16, 0, 0],
      output: [functionCall('fc_1', 'call_a', 'save', '{"text":"Once up', 'incomplete')],
    },
    expect: {
      text: '',
      toolCalls: [{ name: 'save', arguments: '{"text":"Once up' }],
      finishReason: 'length',
      nativeFinishReason: 'max_output_tokens',
    },
  },
  {
    name: 'stopped by the content filter',
    answer: {
      id: 'resp_filter',
      model: 'gpt-4o',
      status: 'incomplete',
      reason: 'content_filter',
      usage: [30, 4, 0, 0],
      output: [message('msg_1', 'The recipe')],
    },
    expect: { text: 'The recipe', finishReason: 'content_filter', nativeFinishReason: 'content_filter' },
  },
  {
    name: 'raw reasoning of an open model',
    answer: {
      id: 'resp_raw',
      model: 'gpt-oss-120b',
      usage: [10, 20, 0, 12],
      output: [
        {
          ...thought('rs_1', []),
          content: [
            { type: 'reasoning_text', text: 'User says hi.' },
            { type: 'reasoning_text', text: 'Greet.' },
          ],
        },
        message('msg_1', 'Hi!'),
      ],
    },
    expect: {
      text: 'Hi!',
      reasoning: 'User says hi.\n\nGreet.',
      finishReason: 'stop',
      nativeFinishReason: 'completed',
    },
  },
  {
    name: 'log probabilities',
    answer: {
      id: 'resp_logprobs',
      model: 'gpt-4.1',
      usage: [10, 2, 0, 0],
      output: [
        {
          ...message('msg_1', ''),
          content: [
            {
              type: 'output_text',
              text: 'Yes!',
              annotations: [],
              logprobs: [
                {
                  token: 'Yes',
                  logprob: -0.1,
                  bytes: [89, 101, 115],
                  top_logprobs: [{ token: 'No', logprob: -2.5, bytes: [78, 111] }],
                },
                { token: '!', logprob: -0.7, bytes: [33], top_logprobs: [] },
              ],
            },
          ],
        },
      ],
    },
    expect: { text: 'Yes!', finishReason: 'stop', nativeFinishReason: 'completed' },
  },
  {
    name: 'nothing at all',
    answer: { id: 'resp_empty', model: 'gpt-4.1', usage: [10, 0, 0, 0], output: [] },
    expect: { text: '', finishReason: 'stop', nativeFinishReason: 'completed' },
  },
]
