// Streaming: the same answer read three ways, and what can be asked when it is over.
import assert from 'node:assert/strict'
import { createGateway, type ChatMessage } from '@turnout/core'
import { anthropic } from '@turnout/anthropic'
import { anthropicEmulator } from '@turnout/testing/emulators'

const server = await anthropicEmulator({
  replies: {
    reasoning: 'Short and true.',
    text: 'Streams are answers that arrive in pieces.',
    chunkDelayMs: 15,
  },
})
const gateway = createGateway({
  providers: { anthropic: anthropic({ apiKey: 'any', baseURL: server.baseURL }) },
  routes: { explainer: ['anthropic/claude-sonnet-4-5'] },
})
const messages: ChatMessage[] = [{ role: 'user', content: 'What is a stream?' }]
// Anthropic shows its reasoning only when asked to reason.
const request = { model: 'explainer', messages, reasoning_effort: 'low' } as const

// 1. Chunk by chunk, in OpenAI's shape. The last chunk has no choices: mind the question mark.
let shown = ''
const stream = gateway.stream(request)
for await (const chunk of stream) {
  const text = chunk.choices[0]?.delta.content ?? ''
  process.stdout.write(text)
  shown += text
}
// The whole answer is there afterwards, usage and the gateway's account included.
const answer = await stream.final()
console.log(`\n${answer.usage.completion_tokens} tokens, ${answer.choices[0]?.finish_reason}`)

// 2. Only the text, when it is complete.
const text = await gateway.stream(request).text()
console.log(text)

// 3. As blocks, for programs that treat text, reasoning and tool calls apart.
const seen = new Set<string>()
for await (const part of gateway.stream(request).parts()) {
  seen.add(part.type)
  if (part.type === 'reasoning') process.stdout.write(`(${part.delta.trim()}) `)
  else if (part.type === 'text') process.stdout.write(part.delta)
  else if (part.type === 'finish') console.log(`\n${part.finishReason}, ${part.gateway.provider}`)
}

await gateway.close()
await server.close()

assert.equal(shown, 'Streams are answers that arrive in pieces.')
assert.equal(answer.choices[0]?.message.content, shown)
assert.equal(text, shown)
assert.deepEqual([...seen], ['reasoning', 'text', 'finish'])
