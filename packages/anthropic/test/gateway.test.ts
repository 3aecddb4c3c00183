/** The adapter inside a gateway, talking real HTTP to the emulator. */
import { createGateway } from '@turnout/core'
import type { ChatMessage, Tool } from '@turnout/core/adapter'
import { anthropicEmulator } from '@turnout/testing/emulators'
import type { EmulatorOptions } from '@turnout/testing/emulators'
import { afterEach, describe, expect, it } from 'vitest'
import { anthropic } from '../src/index.js'

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()))
})

async function start(options: EmulatorOptions) {
  const server = await anthropicEmulator(options)
  const gateway = createGateway({
    providers: { claude: anthropic({ apiKey: 'key-1', baseURL: server.baseURL }) },
  })
  closing.push(
    () => gateway.close(),
    () => server.close(),
  )
  return { gateway, server }
}

const tools: readonly Tool[] = [
  {
    type: 'function',
    function: { name: 'weather', parameters: { type: 'object', properties: { city: { type: 'string' } } } },
  },
]
const question: ChatMessage = { role: 'user', content: 'Weather in Oslo?' }

describe('anthropic in a gateway', () => {
  it.each(['whole', 'stream'] as const)(
    'keeps signed thinking through a tool loop, asked for as %s',
    async (upstream) => {
      const { gateway } = await start({
        replies: [
          {
            reasoning: 'Look it up.',
            text: 'One moment.',
            toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }],
          },
          'It rains.',
        ],
      })
      const ask = { model: gateway.model('claude/claude-sonnet-4-5'), tools, reasoning_effort: 'low' }
      const first = await gateway.chat({ ...ask, messages: [question] }, { upstream })
      const message = first.choices[0]?.message
      expect(message).toMatchObject({
        content: 'One moment.',
        reasoning_content: 'Look it up.',
        tool_calls: [{ function: { name: 'weather', arguments: '{"city":"Oslo"}' } }],
      })
      const history = JSON.parse(JSON.stringify([question, message])) as ChatMessage[]
      const result: ChatMessage = {
        role: 'tool',
        tool_call_id: message?.tool_calls?.[0]?.id ?? '',
        content: 'rain',
      }
      // The server refuses the second call unless the thinking comes back as it was signed.
      const second = await gateway.chat({ ...ask, messages: [...history, result] }, { upstream })
      expect(second.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: 'It rains.' } })
      expect(second.gateway.warnings).toEqual([])
    },
  )

  it('tells what it left out', async () => {
    const { gateway } = await start({ replies: 'Yes.' })
    const answer = await gateway.chat({
      model: gateway.model('claude/claude-opus-5-5'),
      messages: [question],
      temperature: 0.2,
      seed: 7,
    })
    expect(answer.gateway.warnings.map(({ path }) => path)).toEqual(
      expect.arrayContaining(['temperature', 'seed']),
    )
  })

  it('lists the models of the server', async () => {
    const { server } = await start({ replies: 'x' })
    const adapter = anthropic({ apiKey: 'key-1', baseURL: `${server.baseURL}/v1` })
    closing.push(async () => adapter.close?.())
    const models = await adapter.listModels?.({
      requestId: 'r',
      provider: 'claude',
      model: '',
      stream: false,
      unsupported: 'warn',
      signal: new AbortController().signal,
      mark: () => {},
      warn: () => {},
      response: () => {},
    })
    expect(models?.map(({ id }) => id)).toContain('claude-opus-5-5')
  })
})
