// A Hono app where requests and responses are the web's: createFetch is the handler, and asks for keys.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import OpenAI from 'openai'
import { createGateway } from '@turnout/core'
import { authoriseBy, createFetch, createKeys } from '@turnout/http'
import { openai } from '@turnout/openai'
import { openaiEmulator } from '@turnout/testing/emulators'

const provider = await openaiEmulator({ replies: 'A small flame says hello.' })
const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'any', baseURL: provider.baseURL }) },
  routes: { greeter: ['openai/gpt-4.1-mini'] },
})
const keys = createKeys()
const { key } = keys.create({ id: 'front-desk' })
const handle = createFetch(gateway, { basePath: '/llm', authorise: authoriseBy(keys) })

const app = new Hono()
app.all('/llm/*', (context) => handle(context.req.raw))
app.get('/hello', (context) => context.text('hello'))
const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const client = new OpenAI({ baseURL: `${url}/llm/v1`, apiKey: key })
const messages = [{ role: 'user' as const, content: 'Greet me.' }]
let text = ''
for await (const chunk of await client.chat.completions.create({ model: 'greeter', messages, stream: true }))
  text += chunk.choices[0]?.delta.content ?? ''
keys.revoke('front-desk')
const refusal: unknown = await client.chat.completions
  .create({ model: 'greeter', messages })
  .catch((error) => error)
const hello = await (await fetch(`${url}/hello`)).text()
console.log(`streamed: ${text}\nrefused: ${String(refusal)}`)

server.close()
if ('closeAllConnections' in server) server.closeAllConnections()
await gateway.close()
await provider.close()

assert.equal(text, 'A small flame says hello.')
assert.ok(refusal instanceof OpenAI.AuthenticationError)
assert.equal(hello, 'hello')
