import { getEventListeners } from 'node:events'
import { mockAdapter, virtualTime } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import { createGateway, explanationText, isGatewayError } from '../index.js'

const messages = [{ role: 'user', content: 'Hello there!' }] as const
const setUp = () => createGateway({ providers: { x: mockAdapter('Fine.', { name: 'x' }) } })

describe('explain and estimate', () => {
  it("leave nothing at the caller's signal, which may outlive many of them", async () => {
    const gateway = setUp()
    const { signal } = new AbortController()
    gateway.explain({ model: 'x/m', messages }, { signal })
    await gateway.estimate({ model: 'x/m', messages }, { signal, exact: true })
    expect(() => gateway.explain({ model: 'nobody/m' as never, messages }, { signal })).toThrow(/is no route/)
    await expect(gateway.estimate({ model: 'x/m', messages }, { signal, maxCostUsd: 1 })).rejects.toThrow(
      /price is unknown/,
    )
    expect(getEventListeners(signal, 'abort')).toEqual([])
    await gateway.close()
  })

  it.each([undefined, null, 'Hello', 7])('say of %s that it is no request', async (request) => {
    const gateway = setUp()
    const codes = [
      await gateway.estimate(request as never).catch((error: unknown) => error),
      await Promise.resolve()
        .then(() => gateway.explain(request as never))
        .catch((error: unknown) => error),
    ].map((error) => (isGatewayError(error) ? error.code : error))
    expect(codes).toEqual(['invalid_request', 'invalid_request'])
    await gateway.close()
  })

  it('take a request for an object as object() does, its schema included', async () => {
    const gateway = setUp()
    const properties = Object.fromEntries(
      Array.from({ length: 50 }, (_, i) => [`field_${i}`, { type: 'string' }]),
    )
    const schema = { type: 'object', properties } as const
    const [plain] = await gateway.estimate({ model: 'x/m', messages })
    const [object] = await gateway.estimate({ model: 'x/m', messages, schema })
    expect(object?.tokens.input.expected).toBeGreaterThan((plain?.tokens.input.expected ?? Infinity) + 50)
    const { facts } = gateway.explain({ model: 'x/m', messages, schema })
    expect(facts).toMatchObject({ call: 'object', needsJsonSchema: true })
    await gateway.close()
  })

  it('say of a call without fallback that only the first is asked', async () => {
    const x = mockAdapter({ error: 'upstream_error' }, { name: 'x' })
    const gateway = createGateway({ providers: { x }, routes: { r: ['x/a', 'x/b'] } })
    const { candidates } = gateway.explain({ model: 'r', messages }, { fallback: false })
    expect(candidates.map(({ blocked }) => blocked)).toEqual([
      undefined,
      expect.stringMatching(/no fallback/),
    ])
    await gateway.chat({ model: 'r', messages }, { fallback: false, maxAttempts: 2 }).catch(() => {})
    expect(new Set(x.calls.map(({ attempt }) => attempt.model))).toEqual(new Set(['a']))
    await gateway.close()
  })
})

describe('explain under limits', () => {
  it('says which limit has no room for the call, and when it has; takes nothing', async () => {
    using time = virtualTime()
    const x = mockAdapter('Fine.', { name: 'x' })
    const gateway = createGateway({
      providers: { x },
      limits: { teams: { per: 'tenant', requests: 1, windowMs: 10_000 } },
    })
    const request = { model: 'x/m', messages } as const
    for (let i = 0; i < 3; i++) {
      const { limit, error } = gateway.explain(request, { tenant: 'acme' })
      expect([limit, error]).toEqual([undefined, undefined])
    }
    await time.settle(gateway.chat(request, { tenant: 'acme' }))
    await time.advance(4_000)
    const explanation = gateway.explain(request, { tenant: 'acme' })
    expect(explanation.limit).toEqual({
      limit: 'teams',
      scope: ['acme'],
      what: 'requests',
      retryAfterMs: expect.any(Number) as number,
      tooLarge: false,
      message: expect.stringMatching(/limit "teams" of tenant "acme" has no room: at most 1 request in 10 s/),
    })
    expect(explanation.limit?.retryAfterMs).toBeGreaterThan(5_900)
    expect(explanation.limit?.retryAfterMs).toBeLessThanOrEqual(6_300)
    expect(explanation.error).toBeUndefined()
    expect(explanationText(explanation)).toMatch(/\n {2}waits: limit "teams" of tenant "acme" has no room/)
    expect(gateway.explain(request, { tenant: 'other' }).limit).toBeUndefined()
    expect(gateway.limits()).toMatchObject([{ used: { requests: 1 } }])
    await time.settle(gateway.close())
  })

  it('says at which target a limit has no room', async () => {
    using time = virtualTime()
    const x = mockAdapter({ text: 'Fine.', headersDelayMs: 20 }, { name: 'x' })
    const y = mockAdapter('Fine.', { name: 'y' })
    const gateway = createGateway({
      providers: { x, y },
      routes: { r: ['x/m', 'y/m'] },
      limits: { each: { per: 'provider', concurrent: 1 } },
    })
    const running = gateway.chat({ model: 'r', messages })
    await time.advance(1)
    const explanation = gateway.explain({ model: 'r', messages })
    const [first, second] = explanation.candidates
    expect(first?.limit).toMatchObject({
      limit: 'each',
      scope: ['x'],
      what: 'concurrent',
      retryAfterMs: null,
    })
    expect(first?.blocked).toMatch(/limit "each" of provider "x" has no room/)
    expect([second?.limit, second?.blocked, explanation.limit]).toEqual([undefined, undefined, undefined])
    expect(explanationText(explanation)).toMatch(/x\/m .*would be passed over: limit "each"/)
    expect((await time.settle(gateway.chat({ model: 'r', messages }))).gateway.provider).toBe('y')
    await time.settle(running)
    await time.settle(gateway.close())
  })

  it.each([
    ['calls', { all: { outputTokens: 10 } }],
    ['every target', { all: { per: 'provider', outputTokens: 10 } }],
  ] as const)('says what fails where a limit of %s never allows it', async (_what, limits) => {
    const gateway = createGateway({ providers: { x: mockAdapter('Fine.', { name: 'x' }) }, limits })
    const request = { model: 'x/m', messages, max_tokens: 50 } as const
    const explanation = gateway.explain(request)
    const failed: unknown = await gateway.chat(request).catch((error: unknown) => error)
    expect(failed).toMatchObject({ code: 'rate_limited', message: explanation.error?.message })
    expect(explanationText(explanation)).toMatch(/fails with rate_limited: .*lower max_tokens/)
    await gateway.close()
  })
})
