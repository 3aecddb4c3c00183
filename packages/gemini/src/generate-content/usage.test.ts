import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mergeUsage, toUsage } from './usage.js'

describe('toUsage', () => {
  it('adds thinking to the answer and tool results to the prompt', () => {
    expect(
      toUsage({
        promptTokenCount: 100,
        toolUsePromptTokenCount: 20,
        candidatesTokenCount: 7,
        thoughtsTokenCount: 30,
        cachedContentTokenCount: 64,
        totalTokenCount: 157,
      }),
    ).toEqual({
      prompt_tokens: 120,
      completion_tokens: 37,
      total_tokens: 157,
      prompt_tokens_details: { cached_tokens: 64 },
      completion_tokens_details: { reasoning_tokens: 30 },
    })
  })

  it('names audio', () => {
    expect(
      toUsage({
        promptTokenCount: 100,
        promptTokensDetails: [
          { modality: 'TEXT', tokenCount: 40 },
          { modality: 'AUDIO', tokenCount: 60 },
        ],
      })?.prompt_tokens_details,
    ).toEqual({ audio_tokens: 60 })
  })

  it("finds the answer's count in the total when it is missing", () => {
    expect(toUsage({ promptTokenCount: 10, totalTokenCount: 17 })?.completion_tokens).toBe(7)
    expect(toUsage({ promptTokenCount: 10, totalTokenCount: 4 })?.completion_tokens).toBe(0)
  })

  it('is unknown when nothing was counted', () => {
    expect([toUsage(undefined), toUsage({}), toUsage({ serviceTier: 'standard' })]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  it("agrees with the provider's own total", () => {
    const count = fc.nat({ max: 1_000_000 })
    fc.assert(
      fc.property(
        count,
        count,
        count,
        count,
        (promptTokenCount, toolUsePromptTokenCount, candidatesTokenCount, thoughtsTokenCount) => {
          const totalTokenCount =
            promptTokenCount + toolUsePromptTokenCount + candidatesTokenCount + thoughtsTokenCount
          const counts = {
            promptTokenCount,
            toolUsePromptTokenCount,
            candidatesTokenCount,
            thoughtsTokenCount,
            totalTokenCount,
          }
          const withoutZeros = Object.fromEntries(
            Object.entries(counts).filter(([name, value]) => value > 0 || name === 'totalTokenCount'),
          )
          expect(toUsage(withoutZeros)?.total_tokens).toBe(totalTokenCount)
        },
      ),
    )
  })
})

it('mergeUsage takes the last value of each field', () => {
  expect(
    mergeUsage(mergeUsage(undefined, { promptTokenCount: 5, thoughtsTokenCount: 2 }), {
      promptTokenCount: 5,
      candidatesTokenCount: 9,
    }),
  ).toEqual({ promptTokenCount: 5, thoughtsTokenCount: 2, candidatesTokenCount: 9 })
})
