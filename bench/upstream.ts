/**
 * The upstream of the benches: answers as fast as Node can, from memory, in a process of its own, so that the
 * client's CPU is the client's alone. `POST …/chat/completions` gives a whole answer, or `stream` events.
 */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

const CHUNKS = Number(process.argv[2] ?? 500)

const whole = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1_700_000_000,
  model: 'bench-model',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'An answer of some forty words. '.repeat(8), refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: {
    prompt_tokens: 20,
    completion_tokens: 56,
    total_tokens: 76,
    prompt_tokens_details: { cached_tokens: 0 },
    completion_tokens_details: { reasoning_tokens: 0 },
  },
})
const event = (fields: object): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'bench-model', ...fields })}\n\n`
const delta = (content: string): string =>
  event({ choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason: null }], usage: null })
const opening = event({
  choices: [{ index: 0, delta: { role: 'assistant', content: '' }, logprobs: null, finish_reason: null }],
  usage: null,
})
const closing = [
  event({ choices: [{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }], usage: null }),
  event({ choices: [], usage: { prompt_tokens: 20, completion_tokens: CHUNKS, total_tokens: 20 + CHUNKS } }),
  'data: [DONE]\n\n',
].join('')

/** Ten events a write: what a provider's socket looks like from the other side of a network. */
const writes: string[] = []
for (let sent = 0; sent < CHUNKS; sent += 10) {
  writes.push(
    Array.from({ length: Math.min(10, CHUNKS - sent) }, (_, i) => delta(` word${(sent + i) % 97}`)).join(''),
  )
}

const server = createServer((request, response) => {
  const body: Buffer[] = []
  request.on('data', (piece: Buffer) => body.push(piece))
  request.on('end', () => {
    const streamed = Buffer.concat(body).includes('"stream":true')
    if (!streamed) {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(whole),
        'x-request-id': 'req_bench',
      })
      response.end(whole)
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req_bench' })
    response.write(opening)
    let next = 0
    const write = (): void => {
      if (next === writes.length) return void response.end(closing)
      response.write(writes[next++])
      setImmediate(write)
    }
    write()
  })
})
server.keepAliveTimeout = 60_000
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
