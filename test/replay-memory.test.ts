/** A client that knows OpenAI's fields only, in a tool loop with providers that want their signed thinking back. */
import { createGateway, type ChatMessage } from '@turnout/core'
import { describe, expect, it } from 'vitest'
import { PROVIDERS, type HouseProvider } from './providers.js'

const tools = [
  { type: 'function', function: { name: 'look', parameters: { type: 'object', properties: {} } } },
] as const

/** One tool loop; gives the body of its second request. */
async function toolLoop(provider: HouseProvider, replayMemory: boolean): Promise<string> {
  await using server = await provider.emulate({
    replies: [{ reasoning: 'I must look.', toolCalls: [{ name: 'look' }] }, 'Seen.'],
  })
  await using gateway = createGateway({
    providers: { house: provider.adapter({ baseURL: server.baseURL, apiKey: 'key' }) },
    ...(replayMemory && { replayMemory }),
  })
  const ask = (messages: readonly ChatMessage[]) =>
    gateway
      .stream({
        model: `house/${provider.model}`,
        messages,
        tools,
        reasoning_effort: 'low',
        max_tokens: 4_000,
      })
      .final()
  const question = { role: 'user', content: 'Look.' } as const
  const { content, tool_calls = [] } = (await ask([question])).choices[0]!.message
  const stripped: ChatMessage = { role: 'assistant', content, tool_calls }
  const second = await ask([
    question,
    stripped,
    { role: 'tool', tool_call_id: tool_calls[0]!.id, content: 'a cat' },
  ])
  expect(second.choices[0]!.message.content).toBe('Seen.')
  return JSON.stringify(server.requests[1]!.body)
}
const SIGNED = /"(?:signature|thoughtSignature|encrypted_content)":"[^"]{8,}/

describe.each(PROVIDERS.filter(({ signed }) => signed).map((provider) => [provider.name, provider] as const))(
  '%s',
  (_name, provider) => {
    it('gets its thinking back although the client has stripped it', async () => {
      expect(await toolLoop(provider, true)).toMatch(SIGNED)
    })

    it('does without it where nothing is remembered', async () => {
      const sent = await toolLoop(provider, false)
      // Gemini is told to skip the check by a signature that says so.
      expect(sent.replaceAll(/"thoughtSignature":"skip_thought_signature_validator"/g, '')).not.toMatch(
        SIGNED,
      )
    })
  },
)
