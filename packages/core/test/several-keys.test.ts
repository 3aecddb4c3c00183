/** Several keys over real sockets: all are used, a revoked one is left, and none of them is told anywhere. */
import { inspect } from 'node:util'
import { openai } from '@turnout/openai'
import { openaiEmulator } from '@turnout/testing/emulators'
import { expect, it, onTestFinished } from 'vitest'
import { createGateway, type GatewayEvent } from '../src/index.js'

const GOOD = ['sk-good-0123456789-one', 'sk-good-0123456789-two']
const REVOKED = 'sk-gone-0123456789'
const messages = [{ role: 'user', content: 'Hello?' }] as const

it('spreads calls over those that are good, whole and streamed', async () => {
  const server = await openaiEmulator({ apiKeys: GOOD })
  const logged: unknown[] = []
  const note = (...args: unknown[]): void => void logged.push(args)
  const gateway = createGateway({
    providers: { openai: openai({ apiKey: [REVOKED, ...GOOD], baseURL: server.baseURL, api: 'chat' }) },
    logger: { debug: note, info: note, warn: note, error: note },
    limits: { each: { per: 'key', requests: 1_000 } },
  })
  onTestFinished(async () => {
    await gateway.close()
    await server.close()
  })
  const events: GatewayEvent[] = []
  gateway.on('*', (event) => events.push(event))
  const answers = await Promise.all(
    Array.from({ length: 40 }, async (_, i) =>
      i % 2 === 0
        ? gateway.chat({ model: 'openai/gpt-4.1', messages })
        : gateway.stream({ model: 'openai/gpt-4.1', messages }).final(),
    ),
  )
  const attempts = answers.flatMap(({ gateway: meta }) => meta.attempts)
  const sent = (key: string): number => attempts.filter((one) => one.key === key).length
  expect(server.requests).toHaveLength(attempts.length)
  expect(sent('key-1')).toBeLessThanOrEqual(14)
  expect(Math.min(sent('key-2'), sent('key-3'))).toBeGreaterThan(10)
  expect(attempts.filter(({ outcome }) => outcome !== 'ok').map(({ key }) => key)).toEqual(
    Array.from({ length: sent('key-1') }, () => 'key-1'),
  )

  const shown = [
    answers,
    events,
    logged,
    gateway.limits(),
    gateway.health(),
    gateway.explain({ model: 'openai/gpt-4.1', messages }),
  ]
    .map((one) => JSON.stringify(one) + inspect(one, { depth: 12 }))
    .join('\n')
  expect(shown).toContain('key-3')
  for (const part of [REVOKED, ...GOOD, '0123456789']) expect(shown).not.toContain(part)
})

it('names the place of one that cannot stand in a header, not the key', async () => {
  const server = await openaiEmulator({ apiKeys: GOOD })
  const gateway = createGateway({
    providers: {
      openai: openai({ apiKey: ['sk-broken\n0123456789', GOOD[0] as string], baseURL: server.baseURL }),
    },
  })
  onTestFinished(async () => {
    await gateway.close()
    await server.close()
  })
  const answer = await gateway.chat({ model: 'openai/gpt-4.1', messages })
  expect(answer.gateway.attempts.map(({ key, error }) => [key, error?.code])).toEqual([
    ['key-1', 'authentication'],
    ['key-2', undefined],
  ])
  expect(JSON.stringify(answer)).not.toContain('0123456789')
})
