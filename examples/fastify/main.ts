// A Fastify service with OpenAI's API beside its own routes. The handler reads bodies itself, in a scope of its own.
import assert from 'node:assert/strict'
import fastify from 'fastify'
import OpenAI from 'openai'
import { createGateway } from '@turnout/core'
import { nodeHandler } from '@turnout/http'
import { openai } from '@turnout/openai'
import { openaiEmulator } from '@turnout/testing/emulators'

const provider = await openaiEmulator({ replies: 'Swift greetings.' })
const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'any', baseURL: provider.baseURL }) },
  routes: { greeter: ['openai/gpt-4.1-mini'] },
})
const handle = nodeHandler(gateway, { basePath: '/llm' })

const app = fastify()
await app.register(async (scope) => {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser('*', (_request, _payload, done) => done(null))
  scope.all('/llm/*', (request, reply) => {
    reply.hijack()
    handle(request.raw, reply.raw)
  })
})
app.post<{ Body: { name: string } }>('/hello', (request, reply) => reply.send({ hello: request.body.name }))
const url = await app.listen({ port: 0, host: '127.0.0.1' })

const client = new OpenAI({ baseURL: `${url}/llm/v1`, apiKey: 'unused' })
const messages = [{ role: 'user' as const, content: 'Greet me.' }]
const answer = await client.chat.completions.create({ model: 'greeter', messages })
let streamed = ''
for await (const chunk of await client.chat.completions.create({ model: 'greeter', messages, stream: true }))
  streamed += chunk.choices[0]?.delta.content ?? ''
const missing: unknown = await client.chat.completions
  .create({ model: 'greter', messages })
  .catch((error) => error)
const hello = (await app.inject({ method: 'POST', url: '/hello', payload: { name: 'you' } })).json<object>()
console.log(`answered: ${answer.choices[0]?.message.content}\nrefused: ${String(missing)}`)

app.server.closeAllConnections()
await app.close()
await gateway.close()
await provider.close()

assert.equal(answer.choices[0]?.message.content, 'Swift greetings.')
assert.equal(streamed, 'Swift greetings.')
assert.match(String(missing), /greeter/)
assert.deepEqual(hello, { hello: 'you' })
