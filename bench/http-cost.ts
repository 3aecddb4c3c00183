/**
 * `npm run bench:http`: what the detour through `createFetch` costs beside `gateway.chat` and `gateway.stream`, in one
 * process and one run, over an adapter that answers at once. The `openai` client's own work is shown for comparison.
 */
import OpenAI from 'openai'
import { createGateway, type Adapter, type ChatChunk } from '@turnout/core'
import { createFetch } from '@turnout/http'
import { measure, median, type Row } from './measure.js'

const CHUNKS = 500
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 9)

const chunk = (content: string, finish_reason: 'stop' | null): ChatChunk => ({
  id: 'bench',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason }],
})
/** @param perRead chunks that come together, as from one read of a socket */
const adapterOf = (name: string, chunks: readonly ChatChunk[], perRead: number): Adapter => ({
  name,
  models: [],
  chat() {
    let at = 0
    return {
      next() {
        const batch = chunks.slice(at, (at += perRead))
        return Promise.resolve(batch.length > 0 ? batch : undefined)
      },
      cancel() {},
    }
  },
})
const words = [
  ...Array.from({ length: CHUNKS - 1 }, (_, i) => chunk(` word${i}`, null)),
  chunk('.', 'stop'),
] as const

const gateway = createGateway({
  providers: {
    one: adapterOf('one', [chunk('Hello there, how are you?', 'stop')], 1),
    alone: adapterOf('alone', words, 1),
    together: adapterOf('together', words, 10),
  },
  ledger: false,
})
const call = createFetch(gateway)
const client = new OpenAI({ baseURL: 'http://gateway.invalid/v1', apiKey: 'unused', fetch: call })
const messages = [{ role: 'user' as const, content: 'Summarise this change in a sentence.' }]
const headers = new Headers({ 'content-type': 'application/json', authorization: 'Bearer unused' })

const ask = (body: object, path = '/v1/chat/completions'): Promise<Response> =>
  call(`http://gateway.invalid${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
const askAnthropic = (body: object): Promise<Response> => ask({ max_tokens: 100, ...body }, '/v1/messages')

const wholes = await measure(
  [
    { name: 'gateway.chat', run: () => gateway.chat({ model: 'one/m', messages }, {}) },
    { name: 'createFetch', run: async () => (await ask({ model: 'one/m', messages })).text() },
    {
      name: 'createFetch, /v1/messages',
      run: async () => (await askAnthropic({ model: 'one/m', messages })).text(),
    },
    {
      name: 'openai over createFetch',
      run: () => client.chat.completions.create({ model: 'one/m', messages }),
    },
  ],
  { rounds: ROUNDS, runs: 3_000, perRun: 1, parallel: 1 },
)
print('A whole answer', 'us of CPU a call', wholes)

for (const provider of ['alone', 'together'] as const) {
  const model = `${provider}/m` as const
  const streams = await measure(
    [
      {
        name: 'gateway.stream',
        run: async () => {
          for await (const _ of gateway.stream({ model, messages }, {})) {
            /* read */
          }
        },
      },
      {
        name: 'createFetch',
        run: async () => {
          const { body } = await ask({ model, messages, stream: true })
          if (body) for await (const _ of body) void _
        },
      },
      {
        name: 'createFetch, /v1/messages',
        run: async () => {
          const { body } = await askAnthropic({ model, messages, stream: true })
          if (body) for await (const _ of body) void _
        },
      },
      {
        name: 'openai over createFetch',
        run: async () => {
          for await (const _ of await client.chat.completions.create({ model, messages, stream: true }))
            void _
        },
      },
    ],
    { rounds: ROUNDS, runs: 40, perRun: CHUNKS, parallel: 1 },
  )
  const how = provider === 'alone' ? 'that come one by one' : 'that come ten at a time'
  print(`A stream of ${CHUNKS} chunks ${how}`, 'us of CPU a chunk', streams)
}
await gateway.close()

function print(title: string, unit: string, rows: readonly Row[]): void {
  const [base] = rows
  console.log(`\n${title} (${unit}, median of ${ROUNDS} interleaved rounds)`)
  for (const row of rows) {
    const more = median(row.cpuUs.map((us, round) => us - (base?.cpuUs[round] ?? 0)))
    const added = row === base ? '' : `   ${more.toFixed(2)} on top`
    console.log(`  ${row.name.padEnd(26)} ${median(row.cpuUs).toFixed(2).padStart(8)}${added}`)
  }
}
