/** Several API keys of one provider: spread over, cooled and left one by one, and never told. */
import { createGateway, type AttemptRecord, type GatewayEvent, type GatewayOptions } from '@turnout/core'
import { seededRandom, virtualTime } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import { aroundMs, limitedProvider, tokenBucket, type Server } from '../../test/limited-provider.js'

const messages = [{ role: 'user', content: 'Hello' }] as const
const KEYS = ['key-1', 'key-2', 'key-3'] as const

/** By key, what the server does. */
const byKey =
  (servers: Readonly<Record<string, Server>>): Server =>
  (now, key) =>
    servers[key ?? '']?.(now, key) ?? {}
const ok: Server = () => ({})

function setUp(server: Server, keys: readonly string[] = KEYS, more: Partial<GatewayOptions> = {}) {
  const random = seededRandom(1)
  const a = limitedProvider(server, { keys, latencyMs: aroundMs(200, random) })
  const gateway = createGateway({ random, providers: { a }, routes: { r: ['a/m'] }, ...more })
  const attempts: AttemptRecord[] = []
  const events: GatewayEvent[] = []
  gateway.on('attempt-end', ({ attempt }) => attempts.push(attempt))
  gateway.on('*', (event) => events.push(event))
  const count = (key: string): number => a.arrivals.filter((one) => one.key === key).length
  return { gateway, a, attempts, events, count }
}
const chats = (gateway: ReturnType<typeof setUp>['gateway'], count: number) =>
  Array.from({ length: count }, async () => gateway.chat({ model: 'a/m', messages }))

describe('several keys', () => {
  it('are used in turns while nothing tells them apart, whatever is called', async () => {
    using time = virtualTime()
    const { gateway, count, attempts } = setUp(ok)
    await time.settle(Promise.all(chats(gateway, 200)))
    await time.settle(
      Promise.all(Array.from({ length: 100 }, async () => gateway.stream({ model: 'r', messages }).final())),
    )
    expect(KEYS.map(count)).toEqual([100, 100, 100])
    expect(new Set(attempts.map(({ key }) => key))).toEqual(new Set(KEYS))
  })

  it('one that is revoked is left by every call, fails none, and is asked again by one at a time', async () => {
    using time = virtualTime()
    let isRevoked = true
    const revoked: Server = () =>
      isRevoked ? { error: { code: 'authentication', status: 401, retryable: false } } : {}
    const { gateway, count, a } = setUp(byKey({ 'key-1': ok, 'key-2': revoked, 'key-3': ok }))
    const answers = await time.settle(Promise.all(chats(gateway, 300)))
    expect(answers).toHaveLength(300)
    // Those that were under way when the first refusal came, and each of them but once.
    expect(count('key-2')).toBe(100)
    expect(a.arrivals).toHaveLength(400)
    for (let i = 0; i < 20; i++) {
      await time.advance(14_000)
      await time.settle(Promise.all(chats(gateway, 10)))
    }
    expect(count('key-2')).toBe(100)
    await time.advance(30_000)
    await time.settle(Promise.all(chats(gateway, 50)))
    expect(count('key-2')).toBe(101)
    isRevoked = false
    await time.advance(310_000)
    await time.settle(Promise.all(chats(gateway, 30)))
    await time.settle(Promise.all(chats(gateway, 30)))
    expect(count('key-2')).toBeGreaterThan(105)
  })

  it('one that is limited for 30 s is cooled alone, and its calls go on with another', async () => {
    using time = virtualTime()
    let isLimited = true
    const limited: Server = () =>
      isLimited ? { error: { code: 'rate_limited', status: 429, retryAfterMs: 30_000 } } : {}
    const { gateway, count, events } = setUp(byKey({ 'key-1': limited, 'key-2': ok, 'key-3': ok }))
    await time.settle(Promise.all(chats(gateway, 60)))
    expect(time.elapsedMs()).toBeLessThan(1_500)
    expect(count('key-1')).toBe(20)
    const health = gateway.health()[0]
    expect(health).toMatchObject({
      state: 'healthy',
      keys: [
        { key: 'key-1', cooldown: { reason: 'rate_limited', retryAfterMs: expect.closeTo(29_500, -3) } },
        { key: 'key-2' },
        { key: 'key-3' },
      ],
    })
    expect(health).not.toHaveProperty('cooldown')
    expect(health?.keys?.[1]).toStrictEqual({ key: 'key-2' })
    isLimited = false
    await time.advance(27_000)
    await time.settle(Promise.all(chats(gateway, 60)))
    expect(count('key-1')).toBe(20)
    await time.advance(4_000)
    await time.settle(Promise.all(chats(gateway, 60)))
    expect(count('key-1')).toBeGreaterThan(20)
    const told = events.filter(({ type }) => type === 'cooldown')
    expect(told.length).toBeGreaterThan(0)
    for (const event of told)
      expect(event).toMatchObject({ provider: 'a', model: 'm', key: 'key-1', code: 'rate_limited' })
  })

  it('are out together where the target itself asks for that, which is told of none of them', async () => {
    using time = virtualTime()
    const { gateway, events, a } = setUp(() => ({
      error: { code: 'overloaded', status: 503, retryAfterMs: 100_000 },
    }))
    await time.settle(Promise.allSettled(chats(gateway, 1)))
    expect(a.arrivals).toHaveLength(1)
    const told = events.filter(({ type }) => type === 'cooldown')
    expect(told).toMatchObject([{ provider: 'a', model: 'm', code: 'overloaded' }])
    expect(told[0]).not.toHaveProperty('key')
    const cooldown = { reason: 'overloaded' }
    expect(gateway.health()[0]).toMatchObject({
      state: 'cooling',
      cooldown,
      keys: KEYS.map((key) => ({ key, cooldown })),
    })
  })

  it('one by itself is not named in events and health', async () => {
    using time = virtualTime()
    const a = limitedProvider(() => ({ error: { code: 'quota_exhausted', status: 429 } }))
    const gateway = createGateway({ providers: { a } })
    const told: unknown[] = []
    gateway.on('cooldown', (event) => told.push(event))
    await time.settle(Promise.allSettled([gateway.chat({ model: 'a/m', messages })]))
    expect(told).toHaveLength(1)
    expect(told[0]).not.toHaveProperty('key')
    expect(gateway.health()[0]).toMatchObject({ state: 'cooling' })
    expect(gateway.health()[0]).not.toHaveProperty('keys')
  })

  it('are spread over by what is left of their limits', async () => {
    using time = virtualTime()
    const limits = { 'key-1': 10, 'key-2': 20, 'key-3': 40 }
    const servers = Object.fromEntries(
      Object.entries(limits).map(([key, perSecond]) => [
        key,
        tokenBucket(() => perSecond, perSecond * 60, true),
      ]),
    )
    const { gateway, count, a } = setUp(byKey(servers))
    // 50 a second, of 70 that all of them take.
    const calls: Promise<unknown>[] = []
    for (let i = 0; i < 30 * 50; i++) {
      calls.push(...chats(gateway, 1))
      await time.advance(20)
    }
    await time.settle(Promise.all(calls))
    expect(a.arrivals.filter(({ refused }) => refused)).toEqual([])
    const used = KEYS.map((key) => count(key) / limits[key])
    // Evenly would be 4.
    expect(Math.max(...used) / Math.min(...used)).toBeLessThan(1.5)
    expect(gateway.limits().map(({ scope, learned }) => [scope, learned])).toEqual(
      KEYS.map((key) => [['a/m', key], 'stated']),
    )
  }, 30_000)

  it('are each counted by a limit per key, and those that have room are used', async () => {
    using time = virtualTime()
    const { gateway, count } = setUp(ok, KEYS, { limits: { each: { per: 'key', requests: 5 } } })
    const ends = await time.settle(Promise.all(chats(gateway, 15)))
    expect(ends).toHaveLength(15)
    expect(KEYS.map(count)).toEqual([5, 5, 5])
    expect(gateway.limits().map(({ scope, used }) => [scope, used])).toEqual(
      KEYS.map((key) => [[`a/${key}`], { requests: 5 }]),
    )
    const late = chats(gateway, 1)
    await time.advance(50_000)
    expect(gateway.queue().waiting.normal).toBe(1)
    await time.settle(Promise.all(late))
    expect(time.elapsedMs()).toBeGreaterThan(59_000)
  })

  it('a provider with one key is one key to a limit per key', async () => {
    using time = virtualTime()
    const a = limitedProvider(ok)
    const gateway = createGateway({
      providers: { a },
      limits: { each: { per: 'key', concurrent: 2 } },
      queue: { maxEntries: 0 },
    })
    const ends = await time.settle(Promise.allSettled(chats(gateway as never, 3)))
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
  })

  it('a hedge and a retry use another', async () => {
    using time = virtualTime()
    const slow = limitedProvider(ok, { keys: KEYS, latencyMs: () => 1_000 })
    const gateway = createGateway({ providers: { a: slow, b: slow }, routes: { r: ['a/m', 'b/m'] } })
    const answer = await time.settle(
      gateway.chat({ model: 'r', messages }, { hedge: { after: 100, maxExtraLoad: 1 } }),
    )
    expect(answer.gateway.provider).toBe('a')
    const failing: Server = (now) => (now < 1_000 ? { error: { code: 'overloaded', status: 503 } } : {})
    const { gateway: other, a } = setUp(failing)
    await time.settle(Promise.all(chats(other, 1)))
    expect(new Set(a.arrivals.map(({ key }) => key)).size).toBe(a.arrivals.length)
  })

  it('fail as one key does when all of them are refused', async () => {
    using time = virtualTime()
    const { gateway, a } = setUp(() => ({ error: { code: 'authentication', status: 401, retryable: false } }))
    await expect(time.settle(Promise.all(chats(gateway, 1)))).rejects.toMatchObject({
      code: 'all_failed',
      retryable: false,
      attempts: [{ code: 'authentication' }, { code: 'authentication' }, { code: 'authentication' }],
    })
    expect(a.arrivals).toHaveLength(3)
  })
})
