import { describe, expect, it } from 'vitest'
import { mergeUsage, readUsage } from './usage.js'

describe('readUsage', () => {
  it.each([
    [
      'plain',
      { input_tokens: 10, output_tokens: 5 },
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    ],
    [
      'null cache fields',
      {
        input_tokens: 10,
        output_tokens: 5,
        cache_read_input_tokens: null,
        cache_creation_input_tokens: null,
        cache_creation: null,
      },
      { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 },
    ],
    [
      'a split without its sum',
      {
        input_tokens: 1,
        output_tokens: 1,
        cache_creation: { ephemeral_5m_input_tokens: 20, ephemeral_1h_input_tokens: 30 },
      },
      {
        prompt_tokens: 51,
        completion_tokens: 1,
        total_tokens: 52,
        prompt_tokens_details: { cache_write_tokens: 50, cache_write_1h_tokens: 30 },
      },
    ],
    [
      'thinking',
      { input_tokens: 1, output_tokens: 100, output_tokens_details: { thinking_tokens: 80 } },
      {
        prompt_tokens: 1,
        completion_tokens: 100,
        total_tokens: 101,
        completion_tokens_details: { reasoning_tokens: 80 },
      },
    ],
    ['nothing', {}, { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }],
    [
      'a compaction, which the counts above leave out',
      {
        input_tokens: 10,
        output_tokens: 5,
        iterations: [
          { type: 'compaction', input_tokens: 1000, output_tokens: 200, cache_read_input_tokens: 7 },
          { type: 'message', input_tokens: 10, output_tokens: 5 },
        ],
      },
      {
        prompt_tokens: 1017,
        completion_tokens: 205,
        total_tokens: 1222,
        prompt_tokens_details: { cached_tokens: 7 },
      },
    ],
  ])('%s', (_name, wire, expected) => expect(readUsage(wire)).toEqual(expected))
})

describe('mergeUsage', () => {
  it('takes the last value of each field and never adds', () => {
    const merged = mergeUsage(
      mergeUsage(undefined, { input_tokens: 10, output_tokens: 1, cache_read_input_tokens: 4 }),
      { output_tokens: 9, input_tokens: null },
    )
    expect(merged).toEqual({ input_tokens: 10, output_tokens: 9, cache_read_input_tokens: 4 })
    expect(mergeUsage(merged, null)).toBe(merged)
  })
})
