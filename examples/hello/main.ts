// Hello: one provider, one route, one answer.
import assert from 'node:assert/strict'
import { createGateway } from '@turnout/core'
import { openai } from '@turnout/openai'
import { openaiEmulator } from '@turnout/testing/emulators'

// Stands in for OpenAI, so that this runs without a key. For the real one write `openai()` and set OPENAI_API_KEY.
const server = await openaiEmulator({ replies: 'Good morning!' })

const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'any', baseURL: server.baseURL }) },
  routes: { greeter: ['openai/gpt-4.1-mini'] },
})

const answer = await gateway.chat({
  model: 'greeter',
  messages: [{ role: 'user', content: 'Wish me a good morning.' }],
})

// The answer has OpenAI's shape …
console.log(answer.choices[0]?.message.content)
// … and what the gateway knows about it stands under one key.
const { route, provider, model, attempts } = answer.gateway
console.log(
  `${route} -> ${provider}/${model}, ${attempts.length} attempt, ${answer.usage.total_tokens} tokens`,
)

await gateway.close()
await server.close()

assert.equal(answer.choices[0]?.message.content, 'Good morning!')
assert.equal(`${provider}/${model}`, 'openai/gpt-4.1-mini')
