// Aborting: a signal, a `break` and a deadline each end a call, and the provider's socket with it.
import assert from 'node:assert/strict'
import { createGateway, isGatewayError } from '@turnout/core'
import { openai } from '@turnout/openai'
import { openaiEmulator } from '@turnout/testing/emulators'

// A slow provider: a word every 20 ms, for a long time.
const server = await openaiEmulator({ replies: { text: 'tick '.repeat(500), chunkDelayMs: 20 } })
const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'any', baseURL: server.baseURL }) },
  routes: { ticker: ['openai/gpt-4.1-mini'] },
})
const request = { model: 'ticker', messages: [{ role: 'user', content: 'Tick.' }] } as const

/** Waits until the provider has seen the end of its request number `count`, and says how it ended. */
async function outcomeAtProvider(count: number): Promise<string> {
  const received = await server.received(count)
  await received.settled
  return received.outcome
}

// 1. Stop reading: `break` is enough.
let words = 0
for await (const chunk of gateway.stream(request)) {
  if (chunk.choices[0]?.delta.content) words++
  if (words === 3) break
}
console.log(`read ${words} words, then left; the provider saw: ${await outcomeAtProvider(1)}`)

// 2. A signal, as from a browser that went away. What had arrived is in the error.
const controller = new AbortController()
let heard = ''
try {
  for await (const chunk of gateway.stream(request, { signal: controller.signal })) {
    heard += chunk.choices[0]?.delta.content ?? ''
    if (heard.length > 20) controller.abort(new Error('the visitor left'))
  }
  assert.fail('an aborted stream ends with an error')
} catch (error) {
  if (!isGatewayError(error, 'aborted')) throw error
  console.log(`${error.name}: ${String(error.cause)}; the provider saw: ${await outcomeAtProvider(2)}`)
  assert.equal((error.cause as Error).message, 'the visitor left')
}

// 3. A deadline for the whole call, retries and failovers included.
try {
  await gateway.chat(request, { timeout: { totalMs: 200 } })
  assert.fail('the deadline has passed')
} catch (error) {
  if (!isGatewayError(error, 'timeout')) throw error
  console.log(`${error.code}, ${error.phase} clock; the provider saw: ${await outcomeAtProvider(3)}`)
  assert.equal(error.phase, 'total')
}

await gateway.close()
assert.deepEqual(
  server.requests.map(({ outcome }) => outcome),
  ['aborted', 'aborted', 'aborted'],
)
await server.close()
