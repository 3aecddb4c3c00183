import { describe, expect, it } from 'vitest'
import { createCatalog } from './catalog.js'
import { ANTHROPIC_PRICES } from './prices/anthropic-prices.js'
import { GEMINI_PRICES } from './prices/gemini-prices.js'
import { OPENAI_PRICES } from './prices/openai-prices.js'

const catalog = createCatalog()
const priceOf = (key: string) => {
  const slash = key.indexOf('/')
  return catalog.find(key.slice(0, slash), key.slice(slash + 1))?.price
}

describe('the catalog', () => {
  it.each([
    ['openai/gpt-4.1-2025-04-14', 'openai/gpt-4.1'],
    ['openai/gpt-4o-2024-11-20', 'openai/gpt-4o'],
    ['openai/gpt-6-sol-2026-09-01', 'openai/gpt-6-sol'],
    ['anthropic/claude-sonnet-4-5-20250929', 'anthropic/claude-sonnet-4-5'],
    ['anthropic/claude-sonnet-4-20250514', 'anthropic/claude-sonnet-4'],
    ['anthropic/claude-3-5-haiku-latest', 'anthropic/claude-3-5-haiku'],
    ['gemini/gemini-2.5-flash-preview-09-2025', 'gemini/gemini-2.5-flash'],
    ['gemini/gemini-2.5-pro-001', 'gemini/gemini-2.5-pro'],
    ['gemini/models/gemini-2.5-pro', 'gemini/gemini-2.5-pro'],
    ['gemini/gemini-3.1-pro-preview', 'gemini/gemini-3-pro-preview'],
  ])('prices %s like %s', (snapshot, model) => {
    expect(priceOf(model)).toBeDefined()
    expect(priceOf(snapshot)).toEqual(priceOf(model))
  })

  it('lets a snapshot with a price of its own keep it', () => {
    expect(priceOf('openai/gpt-4o-2024-05-13')).toEqual({ inputUsd: 5, outputUsd: 15 })
  })

  it.each([
    'openai/gpt-99',
    'openai/gpt-4.1-turbo',
    'openai/ft:gpt-4.1:me::x',
    'openai/gpt-4o-audio-preview',
    'openai/gpt-4o-search-preview',
    'openai/claude-sonnet-4-5',
    'anthropic/claude-sonnet-5-5',
    'my-openai/gpt-4.1',
    'gemini/gemini-4-argon',
    'openai/constructor',
    'openai/__proto__',
    '__proto__/gpt-4.1',
    'openai/',
  ])('does not know %s, and does not guess', (key) => {
    expect(priceOf(key)).toBeUndefined()
  })

  it('says of what date a price is and where it is from', () => {
    expect(catalog.find('openai', 'gpt-4.1')).toEqual({
      price: { inputUsd: 2, outputUsd: 8, cacheReadUsd: 0.5 },
      asOf: '2026-09-23',
      source: expect.stringContaining('genai-prices') as string,
    })
  })

  it("knows that Anthropic's cache writes cost 1.25 and 2 times the input", () => {
    expect(priceOf('anthropic/claude-sonnet-4-5')).toEqual({
      inputUsd: 3,
      outputUsd: 15,
      cacheReadUsd: 0.3,
      cacheWriteUsd: 3.75,
      cacheWrite1hUsd: 6,
    })
  })

  it('changes a price on its day', () => {
    const at = (day: string) =>
      createCatalog({}, () => Date.parse(day)).find('gemini', 'gemini-3.8-flash')?.price
    expect(at('2026-12-31T23:59:59Z')).toEqual({ inputUsd: 0.75, outputUsd: 3.75, cacheReadUsd: 0.075 })
    expect(at('2027-01-01T00:00:00Z')).toEqual({ inputUsd: 1.5, outputUsd: 7.5, cacheReadUsd: 0.15 })
  })

  it("takes the host's word over its own, for snapshots too, and for nothing else", () => {
    const mine = { price: { inputUsd: 1, outputUsd: 1 } }
    const own = createCatalog({
      'openai/gpt-4.1': mine,
      'house/llama': mine,
      'openai/gpt-4o-2024-11-20': mine,
    })
    expect(own.find('openai', 'gpt-4.1')).toBe(mine)
    expect(own.find('openai', 'gpt-4.1-2025-04-14')).toBe(mine)
    expect(own.find('house', 'llama')).toBe(mine)
    expect(own.find('openai', 'gpt-4o-2024-11-20')).toBe(mine)
    expect(own.find('openai', 'gpt-4o')).toEqual(catalog.find('openai', 'gpt-4o'))
  })
})

describe.each([OPENAI_PRICES, ANTHROPIC_PRICES, GEMINI_PRICES])('the list of $source', ({ prices, asOf }) => {
  const all = Object.entries(prices).flatMap(([model, entry]) =>
    'from' in entry ? [[model, entry.now] as const, [model, entry.next] as const] : [[model, entry] as const],
  )

  it('has a date', () => {
    expect(asOf).toMatch(/^\d{4}-\d{2}-\d{2}$/)
  })

  it.each(all)('asks sensible prices for %s', (_model, { longPrompt, ...price }) => {
    expect(price.inputUsd).toBeGreaterThan(0)
    expect(price.outputUsd === 0 || price.outputUsd > price.inputUsd).toBe(true)
    expect(price.cacheReadUsd ?? 0).toBeLessThan(price.inputUsd)
    expect(price.cacheWriteUsd ?? price.inputUsd).toBeGreaterThanOrEqual(price.inputUsd)
    expect(price.cacheWrite1hUsd ?? Infinity).toBeGreaterThan(price.cacheWriteUsd ?? 0)
    expect(longPrompt?.inputUsd ?? Infinity).toBeGreaterThan(price.inputUsd)
    expect(longPrompt?.outputUsd ?? Infinity).toBeGreaterThan(price.outputUsd)
  })
})
