import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { suggest } from './suggest.js'

describe('suggest', () => {
  it.each([
    ['fast-sumary', ['deep-review', 'fast-summary'], 'fast-summary'],
    ['opnai', ['openai', 'anthropic'], 'openai'],
    ['OpenAI', ['openai'], 'openai'],
    ['totalms', ['totalMs', 'connectMs'], 'totalMs'],
    ['fsat', ['fast', 'slow'], 'fast'],
    ['hi', ['ho'], 'ho'],
    ['gpt-4o', ['claude-sonnet-5', 'gemini-4-argon'], undefined],
    ['abc', [], undefined],
    ['', ['ab'], undefined],
  ])('%s of %j is %s', (word, known, expected) => {
    expect(suggest(word, known)).toBe(expected)
  })

  it('takes the nearest, and the first of two that are equally near', () => {
    expect(suggest('routes', ['rotes', 'route', 'routed'])).toBe('rotes')
    expect(suggest('route', ['routs', 'route'])).toBe('route')
  })

  it('finds a word that is there, and one with a single typo', () => {
    const word = fc.stringMatching(/^[a-z]{4,20}$/)
    fc.assert(
      fc.property(word, fc.array(word), fc.nat(), (meant, others, seed) => {
        expect(suggest(meant, [...others, meant])).toBe(meant)
        const at = seed % meant.length
        const typo = `${meant.slice(0, at)}_${meant.slice(at + 1)}`
        expect(suggest(typo, [meant])).toBe(meant)
      }),
    )
  })

  it('takes no time over a word of a megabyte', () => {
    expect(suggest('x'.repeat(1_000_000), ['openai/gpt-4.1', 'fast-summary'])).toBeUndefined()
  })
})
