// Tools: the model asks for two calls at once, the program runs them, the model answers.
import assert from 'node:assert/strict'
import { createGateway, type ChatMessage, type Tool, type ToolCall } from '@turnout/core'
import { anthropic } from '@turnout/anthropic'
import { anthropicEmulator } from '@turnout/testing/emulators'

const server = await anthropicEmulator({
  replies: [
    {
      text: 'Let me look at both.',
      toolCalls: [
        { name: 'get_weather', arguments: { city: 'Oslo' } },
        { name: 'get_weather', arguments: { city: 'Lima' } },
      ],
    },
    'Oslo has snow at -3 degrees, Lima sun at 24.',
  ],
})
const gateway = createGateway({
  providers: { anthropic: anthropic({ apiKey: 'any', baseURL: server.baseURL }) },
  routes: { assistant: ['anthropic/claude-sonnet-4-5'] },
})

const tools: Tool[] = [
  {
    type: 'function',
    function: {
      name: 'get_weather',
      description: 'The weather in a city, now.',
      parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
    },
  },
]

const WEATHER: Record<string, string> = { Oslo: 'snow, -3', Lima: 'sun, 24' }

/** Arguments come as the model's own string: parse them, and tell the model when they make no sense. */
async function runTool({ id, function: call }: ToolCall): Promise<ChatMessage> {
  const { city } = JSON.parse(call.arguments) as { city: string }
  const content = WEATHER[city]
  console.log(`  ${call.name}(${city}) = ${content ?? 'unknown city'}`)
  if (content === undefined)
    return { role: 'tool', tool_call_id: id, content: 'unknown city', is_error: true }
  return { role: 'tool', tool_call_id: id, content }
}

const messages: ChatMessage[] = [{ role: 'user', content: 'How is the weather in Oslo and in Lima?' }]
let rounds = 0
for (;;) {
  rounds++
  const { choices } = await gateway.chat({ model: 'assistant', messages, tools })
  const message = choices[0]?.message
  if (!message) throw new Error('no choice')
  // Hand the message back whole: providers keep signed reasoning in it, under `provider_state`.
  messages.push(message)
  if (message.content) console.log(message.content)
  if (!message.tool_calls?.length) break
  messages.push(...(await Promise.all(message.tool_calls.map(runTool))))
}

await gateway.close()
await server.close()

assert.equal(rounds, 2)
assert.deepEqual(
  messages.map(({ role }) => role),
  ['user', 'assistant', 'tool', 'tool', 'assistant'],
)
assert.equal(messages.at(-1)?.content, 'Oslo has snow at -3 degrees, Lima sun at 24.')
