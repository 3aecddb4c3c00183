// Failover: three targets, two of them broken in different ways, and the trace that tells what happened.
import assert from 'node:assert/strict'
import { createGateway } from '@turnout/core'
import { anthropic } from '@turnout/anthropic'
import { openai } from '@turnout/openai'
import { anthropicEmulator, openaiEmulator } from '@turnout/testing/emulators'

// Overloaded, whenever it is asked: worth a second try, and a third, then the next target has its turn.
const overloaded = await anthropicEmulator({ replies: { error: 'overloaded' } })
// Takes the request, says 200 and nothing more: left as soon as the clock for the first token has run out.
const silent = await openaiEmulator({ replies: { fault: 'headers-only' } })
const healthy = await openaiEmulator({ replies: 'Third time lucky.' })

const gateway = createGateway({
  providers: {
    first: anthropic({ apiKey: 'any', baseURL: overloaded.baseURL }),
    second: openai({ apiKey: 'any', baseURL: silent.baseURL }),
    third: openai({ apiKey: 'any', baseURL: healthy.baseURL }),
  },
  routes: {
    writer: {
      targets: ['first/claude-sonnet-4-5', 'second/gpt-4.1', 'third/gpt-4.1'],
      timeout: { firstTokenMs: 300 },
    },
  },
})

// The caller sees one answer. What it took stands in the trace.
const answer = await gateway
  .stream({ model: 'writer', messages: [{ role: 'user', content: 'A proverb, please.' }] })
  .final()
console.log(answer.choices[0]?.message.content)

const { trace } = answer.gateway
console.log(`\n${trace.requested}: ${trace.outcome} after ${Math.round(trace.durationMs)} ms`)
for (const { provider, model, eligible, reason } of trace.candidates) {
  console.log(`  candidate  ${provider}/${model}  ${eligible ? reason : `left out: ${reason}`}`)
}
for (const { kind, provider, outcome, status, error, startedAfterMs, verdict } of trace.attempts) {
  const fate = error ? `${error.code}${error.phase ? ` (${error.phase})` : ''}` : outcome
  const wait = verdict?.delayMs === undefined ? '' : `, then waited ${Math.round(verdict.delayMs)} ms`
  console.log(
    `  ${kind.padEnd(9)}  +${Math.round(startedAfterMs)} ms  ${provider}: ${status ?? '-'} ${fate}${wait}`,
  )
}

await gateway.close()
await Promise.all([overloaded.close(), silent.close(), healthy.close()])

assert.deepEqual(
  trace.attempts.map(({ kind, provider }) => `${kind} ${provider}`),
  ['first first', 'retry first', 'retry first', 'failover second', 'failover third'],
)
assert.deepEqual(
  trace.attempts.map(({ outcome, error }) => error?.code ?? outcome),
  ['overloaded', 'overloaded', 'overloaded', 'timeout', 'ok'],
)
