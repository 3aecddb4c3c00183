/** F22 to F25: what a provider says of itself and of the key. */
import { describe, expect, it } from 'vitest'
import { CASES, house, TEXT } from './house.js'

/** Ten callers who know nothing of each other. */
const CROWD = Array.from({ length: 10 }, (_, i) => i)

describe.each(CASES)('%s, %s', (_name, how, dialect) => {
  it.each([
    ['30 seconds', () => '30'],
    ['an hour', () => '3600'],
    ['a date', () => new Date(Date.now() + 45_000).toUTCString()],
  ])(
    'F22: a storm of 429 with a Retry-After of %s: this target cools, the other serves',
    async (_what, after) => {
      const first = () => ({ error: 'rate_limited', headers: { 'retry-after': after() } }) as const
      const scene = await house(dialect, { first })
      const storm = await Promise.all(CROWD.map(() => scene.ask(how)))
      expect(storm.map(({ text }) => text)).toEqual(CROWD.map(() => TEXT))
      const asked = scene.first.requests.length
      expect(asked).toBeLessThanOrEqual(CROWD.length)
      const cooled = scene.events.flatMap((event) => (event.type === 'cooldown' ? [event.provider] : []))
      expect(new Set(cooled)).toEqual(new Set(['one']))

      const later = await scene.ask(how)
      expect(scene.line(later)).toMatch(/two ok => ok$/)
      expect(later.answer!.gateway.trace.skipped).toMatchObject([{ provider: 'one', code: 'cooldown' }])
      expect(scene.first.requests).toHaveLength(asked)
    },
  )

  it.each([
    ['rubbish', 'soon'],
    ['less than nothing', '-5'],
    ['nothing', ''],
    ['not a number', 'NaN'],
    ['more than there is time', '1e12'],
    ['the past', 'Thu, 01 Jan 1970 00:00:00 GMT'],
  ])('F22: a Retry-After of %s hangs nothing', async (_what, after) => {
    const scene = await house(dialect, {
      first: { error: 'rate_limited', headers: { 'retry-after': after } },
    })
    const ending = await scene.ask(how)
    // Gemini names its quota: before that has room again, the same target is not tried but left.
    expect(scene.line(ending)).toMatch(
      /^(?:skipped one \(limit\), )?first one rate_limited, .*failover two ok => ok$/,
    )
    expect(ending.text).toBe(TEXT)
    expect(scene.first.requests.length).toBeLessThanOrEqual(3)
  })

  it('F23: a quota that is used up: asked once, then out', async () => {
    const scene = await house(dialect, { first: { error: 'quota_exhausted' } })
    const ending = await scene.ask(how)
    expect(scene.line(ending)).toBe('first one quota_exhausted, failover two ok => ok')
    await Promise.all(CROWD.map(() => scene.ask(how)))
    expect(scene.first.requests).toHaveLength(1)
  })

  it.each([500, 503, 529, 408, 409, 425])(
    'F24: a burst of %i: retried, then the next target',
    async (status) => {
      const body = '{"error":{"message":"not now"}}'
      const scene = await house(dialect, { first: { status, body }, options: { breaker: false } })
      const ending = await scene.ask(how)
      const { attempts } = ending.answer!.gateway
      expect(attempts.map(({ kind, provider }) => `${kind} ${provider}`).at(-1)).toBe('failover two')
      expect(attempts.map(({ status: seen }) => seen)).toEqual([...attempts.slice(1).map(() => status), 200])
      expect(attempts.length).toBeLessThanOrEqual(4)
      expect(ending.text).toBe(TEXT)
    },
  )

  it('F25: 401 after a rotation: the next key, and the old one is not tried again', async () => {
    const scene = await house(dialect, { apiKeys: ['new'], adapter: { apiKey: ['old', 'new'] } })
    const ending = await scene.ask(how)
    expect(scene.line(ending)).toBe('first one authentication, retry one ok => ok')
    await Promise.all(CROWD.map(() => scene.ask(how)))
    const keys = scene.first.requests.map(({ apiKey }) => apiKey)
    expect(keys.filter((key) => key === 'old')).toHaveLength(1)
    expect(keys).toHaveLength(CROWD.length + 2)
  })

  it('F25: 403 for one key: the next key', async () => {
    const scene = await house(dialect, {
      first: [{ error: 'permission' }, TEXT],
      adapter: { apiKey: ['old', 'new'] },
    })
    const ending = await scene.ask(how)
    expect(scene.line(ending)).toBe('first one permission, retry one ok => ok')
    expect(scene.first.requests.map(({ apiKey }) => apiKey)).toEqual(['old', 'new'])
  })

  it.each(['authentication', 'permission'] as const)(
    'F25: %s with every key: the next target, no storm',
    async (code) => {
      const scene = await house(dialect, { first: { error: code }, adapter: { apiKey: ['a', 'b'] } })
      await Promise.all(CROWD.map(() => scene.ask(how)))
      const asked = scene.first.requests.length
      expect(asked).toBeLessThanOrEqual(2 * CROWD.length)
      const ending = await scene.ask(how)
      expect(ending.answer!.gateway.provider).toBe('two')
      expect(scene.first.requests.length - asked).toBeLessThanOrEqual(1)
    },
  )
})
