import { randomBytes } from 'node:crypto'
import { mockAdapter, type MockReply } from '@turnout/testing'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openRequest, protectRequest } from '../admission/protect-request.js'
import {
  createMemoryDeadLetters,
  createGateway,
  type DeadLetter,
  type Gateway,
  type GatewayOptions,
} from '../index.js'

const messages = [{ role: 'user', name: 'Ada', content: 'A very private question' }] as const
const down: MockReply = { error: 'upstream_error' }

function setUp(replies: MockReply[], options: Partial<GatewayOptions> = {}) {
  const x = mockAdapter(replies, { name: 'x' })
  const gateway = createGateway({
    providers: { x },
    routes: {
      kept: { targets: ['x/m'], deadLetter: true, maxAttempts: 1 },
      lost: { targets: ['x/m'], maxAttempts: 1 },
    },
    breaker: false,
    ...options,
  })
  const fail = async (model: 'kept' | 'lost', more: object = {}): Promise<unknown> =>
    gateway
      .chat({ model, messages, ...more }, { requestId: 'q-1', tenant: 'acme' })
      .catch((error: unknown) => error)
  return { gateway, x, fail }
}

/** The id of the last one. */
const latest = async (gateway: Pick<Gateway, 'deadLetters'>): Promise<string> =>
  (await gateway.deadLetters.list())[0]?.id ?? ''

describe('dead letters', () => {
  it('keep a call that failed for good, with its trace, until it is answered', async () => {
    const { gateway, x, fail } = setUp([down, down, 'Here you are.'])
    await fail('kept', { temperature: 0.3 })
    const [letter] = await gateway.deadLetters.list()
    expect(letter).toMatchObject({
      requestId: 'q-1',
      call: 'chat',
      model: 'kept',
      tenant: 'acme',
      error: { code: 'upstream_error' },
      trace: { attempts: [{ provider: 'x', outcome: 'error' }] },
      request: { form: 'plain', body: { model: 'kept', temperature: 0.3 } },
    })
    expect(JSON.parse(JSON.stringify(letter))).toEqual(letter)

    await expect(gateway.deadLetters.retry(await latest(gateway))).rejects.toMatchObject({
      code: 'upstream_error',
    })
    expect(await gateway.deadLetters.list()).toHaveLength(1)
    const answer = await gateway.deadLetters.retry(await latest(gateway))
    expect(answer.choices[0]?.message.content).toBe('Here you are.')
    expect(x.calls.at(-1)?.request).toMatchObject({ temperature: 0.3, messages })
    expect(await gateway.deadLetters.list()).toEqual([])
    await expect(gateway.deadLetters.retry(letter?.id ?? '')).rejects.toThrow(/is no dead letter/)
    await expect(gateway.deadLetters.retry(undefined as unknown as string)).rejects.toMatchObject({
      code: 'invalid_request',
      path: 'id',
    })
    await gateway.close()
  })

  it('hold the request as it was, whatever its caller adds to the conversation afterwards', async () => {
    const { gateway, x, fail } = setUp([down, 'Here you are.'])
    const conversation: object[] = [...messages]
    await fail('kept', { messages: conversation })
    conversation.push({ role: 'user', content: 'Hello? Are you there?' })
    await gateway.deadLetters.retry(await latest(gateway))
    expect(x.calls.at(-1)?.request.messages).toEqual(messages)
    await gateway.close()
  })

  it('are one for each call, although callers may give the same request id, and are sent once at a time', async () => {
    const { gateway, x, fail } = setUp([down, down, { text: 'Yes.', headersDelayMs: 5 }])
    await fail('kept')
    await fail('kept')
    const letters = await gateway.deadLetters.list()
    expect(letters.map(({ requestId }) => requestId)).toEqual(['q-1', 'q-1'])
    const [{ id } = { id: '' }] = letters
    const [once, twice] = await Promise.allSettled([
      gateway.deadLetters.retry(id),
      gateway.deadLetters.retry(id),
    ])
    expect([once?.status, twice?.status]).toEqual(['fulfilled', 'rejected'])
    expect(x.calls).toHaveLength(3)
    expect(await gateway.deadLetters.list()).toHaveLength(1)
    await gateway.close()
  })

  it('are kept only where the route says so, and for no abort and no request that is none', async () => {
    const { gateway, fail } = setUp([down])
    await fail('lost')
    await fail('kept', { temperature: 'hot' })
    const signal = AbortSignal.abort()
    await gateway.chat({ model: 'kept', messages }, { signal }).catch(() => {})
    expect(await gateway.deadLetters.list()).toEqual([])
    await gateway.close()
  })

  it('keep a stream that broke off', async () => {
    const { gateway } = setUp([{ text: 'One two three', cut: { afterChunks: 1 } }])
    await gateway
      .stream({ model: 'kept', messages })
      .final()
      .catch(() => {})
    expect(await gateway.deadLetters.list({ code: 'stream_interrupted' })).toMatchObject([{ call: 'stream' }])
    await gateway.close()
  })

  it('seal their content by a key, and open it for nobody else', async () => {
    const sealKey = randomBytes(32)
    const store = createMemoryDeadLetters()
    const { gateway, x, fail } = setUp([down, 'Yes.'], { deadLetters: { store, content: { sealKey } } })
    await fail('kept')
    const [letter] = await store.list()
    expect(JSON.stringify(letter)).not.toMatch(/private|Ada/)
    const { request } = letter as DeadLetter
    expect(() => openRequest(request, { sealKey: randomBytes(32) })).toThrow(/sealed with another key/)
    expect(() => openRequest(request, 'keep')).toThrow(/sealKey/)
    await gateway.deadLetters.retry(await latest(gateway))
    expect(x.calls.at(-1)?.request).toMatchObject({ messages })
    await gateway.close()
  })

  it('redact their content: then they can be read, not sent', async () => {
    const { gateway, fail } = setUp([down], { deadLetters: { content: 'redact' } })
    const tools = [
      { type: 'function', function: { name: 'look_up', description: 'private', parameters: {} } },
    ]
    await fail('kept', { tools })
    const [letter] = await gateway.deadLetters.list()
    expect(letter?.request).toMatchObject({
      form: 'redacted',
      body: {
        messages: [{ role: 'user', content: '[23 characters]' }],
        tools: [{ function: { name: 'look_up' } }],
      },
    })
    expect(JSON.stringify(letter)).not.toMatch(/private|Ada/)
    await expect(gateway.deadLetters.retry(await latest(gateway))).rejects.toThrow(/redacted/)
    const id = await latest(gateway)
    expect(await gateway.deadLetters.drop(id)).toBe(true)
    expect(await gateway.deadLetters.drop(id)).toBe(false)
    await gateway.close()
  })

  it('harm no call when their store fails', async () => {
    const told: string[] = []
    const broken = { ...createMemoryDeadLetters(), add: () => Promise.reject(new Error('disk full')) }
    const { gateway, fail } = setUp([down], {
      deadLetters: { store: broken },
      logger: { error: (_facts, message) => void told.push(message) },
    })
    expect(await fail('kept')).toMatchObject({ code: 'upstream_error' })
    await Promise.resolve()
    expect(told).toContain('turnout: a dead letter could not be kept')
    await gateway.close()
  })
})

describe('createMemoryDeadLetters', () => {
  const letter = (id: string, more: Partial<DeadLetter> = {}): DeadLetter => ({
    id,
    requestId: id,
    call: 'chat',
    model: 'm',
    at: 0,
    expiresAt: 1_000,
    error: { code: 'timeout', message: '' },
    trace: {} as DeadLetter['trace'],
    options: {},
    request: { form: 'plain', body: {} },
    ...more,
  })

  it('forgets the oldest beyond its bounds, and what has expired', async () => {
    let now = 0
    const few = createMemoryDeadLetters({ maxEntries: 2, now: () => now })
    for (const id of ['a', 'b', 'c']) void few.add(letter(id))
    expect((await few.list()).map(({ id }) => id)).toEqual(['c', 'b'])
    expect(few.dropped()).toBe(1)
    now = 1_000
    expect(await few.list()).toEqual([])

    const small = createMemoryDeadLetters({ maxChars: 1_000, now: () => 0 })
    for (const id of ['a', 'b'])
      void small.add(letter(id, { request: { form: 'sealed', body: 'x'.repeat(600) } }))
    expect((await small.list()).map(({ id }) => id)).toEqual(['b'])
  })

  it('finds by model, tenant and code', async () => {
    const store = createMemoryDeadLetters({ now: () => 0 })
    void store.add(letter('a', { model: 'one', tenant: 't' }))
    void store.add(letter('b', { error: { code: 'overloaded', message: '' } }))
    expect((await store.list({ model: 'one' })).map(({ id }) => id)).toEqual(['a'])
    expect((await store.list({ tenant: 't' })).map(({ id }) => id)).toEqual(['a'])
    expect((await store.list({ code: 'overloaded' })).map(({ id }) => id)).toEqual(['b'])
    expect(await store.list({ limit: 1 })).toHaveLength(1)
  })
})

it('a sealed request opens to what it was', () => {
  const sealKey = randomBytes(32)
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (request) => {
      const plain = JSON.parse(JSON.stringify(request)) as object
      expect(openRequest(protectRequest(plain, { sealKey }), { sealKey })).toEqual(plain)
    }),
  )
})
