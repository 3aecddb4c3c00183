/**
 * What it costs a call, in process, that its provider states limits of its own: in microseconds of CPU.
 *   node bench/dist/learned-cost.js [rounds]
 */
import { createGateway, type Adapter, type AttemptContext, type ChatChunk } from '@turnout/core'
import { median } from './measure.js'

const CALLS = 10_000
const common = { 'content-type': 'application/json', 'x-request-id': 'req_1' }
const requests = {
  ...common,
  'x-ratelimit-limit-requests': '10000',
  'x-ratelimit-remaining-requests': '9999',
  'x-ratelimit-reset-requests': '6ms',
}
const tokens = (remaining: string) => ({
  ...requests,
  'x-ratelimit-limit-tokens': '30000000',
  'x-ratelimit-remaining-tokens': remaining,
  'x-ratelimit-reset-tokens': '2ms',
})

const answer = (model: string): readonly ChatChunk[] => [
  {
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model,
    choices: [{ index: 0, delta: { role: 'assistant', content: 'Fine.' }, finish_reason: 'stop' }],
  },
  {
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model,
    choices: [],
    usage: { prompt_tokens: 80, completion_tokens: 2, total_tokens: 82 },
  },
]
const adapterOf = (headers: Readonly<Record<string, string>>): Adapter => ({
  name: 'openai',
  models: [],
  chat(_request, attempt: AttemptContext) {
    let asked = 0
    return {
      next() {
        if (asked++ > 0) return Promise.resolve(undefined)
        attempt.response({ status: 200, headers: { ...headers } })
        return Promise.resolve(answer(attempt.model))
      },
      cancel() {},
    }
  },
})
const text = 'Summarise this change for people who were not there, in three sentences. '.repeat(4)

const contenders = Object.entries({
  'no limits stated': common,
  requests: requests,
  'tokens, plenty left': tokens('29999000'),
  'tokens, little left': tokens('3000000'),
}).map(([name, headers]) => {
  const gateway = createGateway({ providers: { openai: adapterOf(headers) } })
  const run = async (): Promise<void> => {
    for (let i = 0; i < CALLS; i++) {
      // New objects each time, as of callers who have never asked this before.
      const messages = [
        { role: 'system' as const, content: 'You are brief.' },
        { role: 'user' as const, content: text },
      ]
      await gateway.chat({ model: 'openai/gpt-4.1', max_tokens: 200, messages })
    }
  }
  return { name, gateway, run, us: [] as number[] }
})

const rounds = Number(process.argv[2] ?? 9)
for (const { run } of contenders) await run() // warm-up
for (let round = 0; round < rounds; round++) {
  for (const { run, us } of contenders) {
    const cpu = process.cpuUsage()
    await run()
    const { user, system } = process.cpuUsage(cpu)
    us.push((user + system) / CALLS)
  }
}
console.log(`us of CPU a call, median of ${rounds} rounds of ${CALLS}, Node ${process.version}`)
for (const { name, gateway, us } of contenders) {
  console.log(`  ${name.padEnd(20)} ${median(us).toFixed(1)}`)
  await gateway.close()
}
