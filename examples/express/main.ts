// An Express service that lends its gateway to others: OpenAI's API under /llm, behind keys of its own.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import express from 'express'
import OpenAI from 'openai'
import { createGateway } from '@turnout/core'
import { createKeys, nodeHandler } from '@turnout/http'
import { openai } from '@turnout/openai'
import { openaiEmulator } from '@turnout/testing/emulators'

const provider = await openaiEmulator({ replies: 'Good morning from the far side of Express.' })
const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'any', baseURL: provider.baseURL }) },
  routes: { greeter: ['openai/gpt-4.1-mini'] },
})
const keys = createKeys()
const { key } = keys.create({ id: 'front-desk', models: ['greeter'] })

const app = express()
app.use('/llm', nodeHandler(gateway, { keys })) // before body parsers
app.use(express.json())
app.post('/hello', (request, response) => {
  response.json({ hello: (request.body as { name: string }).name })
})
const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

// A client that knows nothing of all this.
const client = new OpenAI({ baseURL: `${url}/llm/v1`, apiKey: key })
const messages = [{ role: 'user' as const, content: 'Greet me.' }]
let text = ''
for await (const chunk of await client.chat.completions.create({ model: 'greeter', messages, stream: true }))
  text += chunk.choices[0]?.delta.content ?? ''
console.log(`streamed: ${text}`)

const outsider = new OpenAI({ baseURL: `${url}/llm/v1`, apiKey: 'tk_of-somebody-else' })
const refusal: unknown = await outsider.chat.completions
  .create({ model: 'greeter', messages })
  .catch((error) => error)
const beyond: unknown = await client.chat.completions
  .create({ model: 'openai/gpt-4.1', messages })
  .catch((error) => error)
const hello = (await (
  await fetch(`${url}/hello`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"name":"you"}',
  })
).json()) as object
console.log(`refused: ${String(refusal)}`)

server.close()
server.closeAllConnections()
await gateway.close()
await provider.close()

assert.equal(text, 'Good morning from the far side of Express.')
assert.ok(refusal instanceof OpenAI.AuthenticationError)
assert.ok(beyond instanceof OpenAI.APIError && beyond.status !== undefined && beyond.status < 500)
assert.deepEqual(hello, { hello: 'you' })
assert.equal(provider.requests.length, 1)
