import { describe, expect, it } from 'vitest'
import { mergeUsage, readChatUsage } from './usage.js'

describe('readChatUsage', () => {
  it.each([
    [undefined],
    [null],
    ['x'],
    [[]],
    [{}],
    [{ prompt_tokens: 0, completion_tokens: 0 }],
    [{ prompt_tokens: '5' }],
    [{ prompt_tokens: null }],
  ])('%j counts nothing', (usage) => {
    expect(readChatUsage(usage, {})).toBeUndefined()
  })

  it('knows the names of other APIs', () => {
    expect(
      readChatUsage({ input_tokens: 5, output_tokens: 2, input_tokens_details: { cached_tokens: 3 } }, {}),
    ).toEqual({
      prompt_tokens: 5,
      completion_tokens: 2,
      total_tokens: 7,
      prompt_tokens_details: { cached_tokens: 3 },
    })
  })

  it('keeps every part that was counted', () => {
    const usage = {
      prompt_tokens: 100,
      completion_tokens: 50,
      total_tokens: 150,
      prompt_tokens_details: { cached_tokens: 10, cache_write_tokens: 20, audio_tokens: 30 },
      completion_tokens_details: {
        reasoning_tokens: 5,
        audio_tokens: 6,
        accepted_prediction_tokens: 7,
        rejected_prediction_tokens: 8,
      },
    }
    expect(readChatUsage(usage, {})).toEqual(usage)
    expect(
      readChatUsage(
        { prompt_tokens: 9, prompt_tokens_details: { cache_creation_input_tokens: 4 }, num_cached_tokens: 2 },
        {},
      ),
    ).toMatchObject({
      prompt_tokens_details: { cached_tokens: 2, cache_write_tokens: 4 },
    })
  })

  it('is mended by the vendor', () => {
    const dialect = {
      readUsage: (usage: any, standard: any) => ({ ...standard, providerCostUsd: usage.cost }),
    }
    expect(readChatUsage({ prompt_tokens: 5, cost: 0.25 }, dialect)).toMatchObject({
      prompt_tokens: 5,
      provider_cost_usd: 0.25,
    })
  })
})

describe('mergeUsage', () => {
  it('takes the last value of each field and sums nothing', () => {
    const first = { prompt_tokens: 5, completion_tokens: 1, total_tokens: 6 }
    expect(mergeUsage(undefined, first)).toBe(first)
    expect(mergeUsage(first, { completion_tokens: 3, total_tokens: null, prompt_tokens: undefined })).toEqual(
      {
        prompt_tokens: 5,
        completion_tokens: 3,
        total_tokens: 6,
      },
    )
    expect(first.completion_tokens).toBe(1)
  })
})
