/** A thousand callers who leave at any moment: nothing stays behind. */
import { createGateway, isGatewayError } from '@turnout/core'
import { openai } from '@turnout/openai'
import { seededRandom } from '@turnout/testing'
import { openaiEmulator } from '@turnout/testing/emulators'
import { describe, expect, it, onTestFinished } from 'vitest'

const ABORTS = 1_000
const AT_ONCE = 25
const kept = (): readonly string[] =>
  process.getActiveResourcesInfo().filter((name) => /Timeout|TCPSocket/.test(name))

describe('a thousand aborts', () => {
  it('leave no socket, no timer, no rejection and no call that has not ended', async () => {
    const wrong: unknown[] = []
    const rejections: unknown[] = []
    const note = (reason: unknown): void => void rejections.push(reason)
    process.on('unhandledRejection', note)
    onTestFinished(() => void process.off('unhandledRejection', note))
    const before = kept()

    const random = seededRandom(20_261_121)
    const replies = {
      text: 'a few words of an answer that takes its time to come',
      headersDelayMs: 5,
      chunkDelayMs: 3,
    }
    const servers = await Promise.all([openaiEmulator({ replies }), openaiEmulator({ replies })])
    const gateway = createGateway({
      providers: Object.fromEntries(
        servers.map(({ baseURL }, i) => [`p${i}`, openai({ apiKey: 'key', baseURL, api: 'chat' })]),
      ),
      routes: { r: ['p0/gpt-4.1', 'p1/gpt-4.1'] },
    })
    const outcomes = new Map<string, number>()
    let ends = 0
    gateway.on('request-end', ({ outcome }) => {
      ends++
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    })
    const manners = [
      {},
      { race: 2 },
      { rescue: 'continue' },
      { hedge: { after: 5, maxExtraLoad: 1 } },
    ] as const

    const one = async (i: number): Promise<void> => {
      const controller = new AbortController()
      const leave = setTimeout(() => controller.abort(new Error('gone')), random() * 90)
      const options = { ...manners[i % manners.length], signal: controller.signal }
      const request = { model: gateway.model('r'), messages: [{ role: 'user' as const, content: 'Hi' }] }
      try {
        if (i % 3 === 0) await gateway.chat(request, options)
        else for await (const chunk of gateway.stream(request, options)) void chunk
      } catch (error) {
        if (!isGatewayError(error, 'aborted')) wrong.push(error)
      } finally {
        clearTimeout(leave)
      }
    }
    for (let from = 0; from < ABORTS; from += AT_ONCE)
      await Promise.all(Array.from({ length: AT_ONCE }, async (_, i) => one(from + i)))

    expect(ends).toBe(ABORTS)
    expect([...outcomes.keys()].toSorted()).toEqual(['aborted', 'ok'])
    expect(outcomes.get('aborted')).toBeGreaterThan(ABORTS / 3)
    // Every request at the providers has its end: those of the leavers soon after they left.
    await Promise.all(servers.flatMap(({ requests }) => requests.map(({ settled }) => settled)))
    await gateway.close()
    await Promise.all(servers.map((server) => server.close()))
    await expect.poll(kept, { timeout: 5_000 }).toHaveLength(before.length)
    expect([wrong, rejections]).toEqual([[], []])
  }, 60_000)
})
