import { afterEach, describe, expect, it, vi } from 'vitest'
import { createGateway, type Gateway } from '@turnout/core'
import { mockAdapter, type MockReply } from '@turnout/testing'
import { logFailures } from './log-failures.js'

const closers: (() => unknown)[] = []
afterEach(async () => {
  vi.useRealTimers()
  for (const close of closers.splice(0).toReversed()) await close()
})

function listen(reply: MockReply): { gateway: Gateway; lines: string[]; facts: object[]; stop: () => void } {
  const gateway: Gateway = createGateway({
    providers: { mock: mockAdapter(reply) },
    defaults: { maxAttempts: 1 },
  })
  const lines: string[] = []
  const facts: object[] = []
  const stop = logFailures(gateway, {
    warn(given, message) {
      facts.push(given)
      lines.push(message)
    },
  })
  closers.push(() => gateway.close({ drainMs: 0 }))
  return { gateway, lines, facts, stop }
}

const ask = (gateway: Gateway, requestId: string): Promise<unknown> =>
  gateway
    .chat({ model: 'mock/small', messages: [{ role: 'user', content: 'private words' }] }, { requestId })
    .catch(() => 'failed')

describe('logFailures', () => {
  it('says of a failed call what its owner looks for, on one line', async () => {
    const { gateway, lines, facts } = listen({
      error: 'authentication',
      message: 'wrong key\n\u001b[2Jforged: line',
    })
    await ask(gateway, 'req_a')
    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatch(/^a call failed: authentication \(mock\/small, status 401, req_a\): /)
    for (const never of ['\n', '\u001b', 'private words']) expect(lines[0]).not.toContain(never)
    expect(facts[0]).toMatchObject({
      code: 'authentication',
      provider: 'mock',
      model: 'small',
      status: 401,
    })
  })

  it('says nothing of calls that do well', async () => {
    const { gateway, lines } = listen('Hello.')
    await ask(gateway, 'a')
    expect(lines).toEqual([])
  })

  it('counts what fails in masses, and writes lines again after that', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    const { gateway, lines, stop } = listen({ error: 'invalid_request' })
    for (let call = 0; call < 50; call++) await ask(gateway, `a${call}`)
    expect(lines).toHaveLength(20)
    vi.advanceTimersByTime(10_000)
    expect(lines.slice(20)).toEqual(['30 more calls failed: invalid_request 30'])
    await ask(gateway, 'b')
    expect(lines[21]).toContain(', b)')
    for (let call = 0; call < 20; call++) await ask(gateway, `c${call}`)
    stop()
    expect(lines.at(-1)).toBe('1 more calls failed: invalid_request 1')
    await ask(gateway, 'd')
    expect(lines).toHaveLength(42)
  })
})
