/**
 * A conversation that changes its provider after every turn, for all ordered pairs, over real sockets to servers that
 * refuse what the vendors refuse.
 */
import { createGateway, type ChatMessage, type ChatResponse, type Gateway } from '@turnout/core'
import type { Emulator, EmulatorReply } from '@turnout/testing/emulators'
import { describe, expect, it } from 'vitest'
import { PROVIDERS, type HouseProvider } from './providers.js'

const PIXEL =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const tools = ['look_up', 'convert'].map((name) => ({
  type: 'function' as const,
  function: {
    name,
    description: `The tool ${name}`,
    parameters: {
      type: 'object',
      properties: { what: { type: 'string' }, n: { type: 'integer' } },
      required: ['what'],
    },
  },
}))
const callsOf = (turn: number) => [
  { name: 'look_up', arguments: { what: `Zürich "${turn}"\n☂`, n: turn } },
  { name: 'convert', arguments: { what: `EUR ${turn}` } },
]
/** What the two providers answer, turn by turn. */
const REPLIES: readonly EmulatorReply[] = [
  { reasoning: 'Thinking of turn one.', text: 'First I look.', toolCalls: callsOf(1) },
  { reasoning: 'Thinking of turn two.', text: 'Second answer.' },
  { reasoning: 'Thinking of turn three.', text: 'Third I look.', toolCalls: callsOf(3) },
  { reasoning: 'Thinking of turn four.', text: 'Fourth answer.' },
  { reasoning: 'Thinking of turn five.', text: 'Fifth answer.' },
]

const pairs = PROVIDERS.flatMap((first) =>
  PROVIDERS.filter((second) => second !== first).map(
    (second) => [first.name, second.name, first, second] as const,
  ),
)

const question = {
  role: 'user',
  content: [
    { type: 'text', text: 'What is on this picture?' },
    { type: 'image_url', image_url: { url: PIXEL } },
  ],
} as const

describe('a conversation that moves', () => {
  it('has all ordered pairs of the providers to go through', () => {
    expect(pairs).toHaveLength(PROVIDERS.length * (PROVIDERS.length - 1))
  })

  it.each(pairs)('from %s to %s and back, five turns', async (_first, _second, first, second) => {
    const [atFirst, atSecond] = [REPLIES.filter((_, i) => i % 2 === 0), REPLIES.filter((_, i) => i % 2 === 1)]
    await using house = await moveIn(first, second, atFirst, atSecond)
    const withImage = first.images && second.images
    const history: ChatMessage[] = [
      { role: 'system', content: 'You are the clerk of a travel bureau.' },
      question,
    ]
    if (!withImage) history[1] = { role: 'user', content: 'What is on this picture?' }

    for (let turn = 0; turn < 5; turn++) {
      const provider = turn % 2 === 0 ? first : second
      const answer = await house.ask(provider, history, turn)
      const sent = JSON.stringify(house.serverOf(provider).requests.at(-1)?.body)
      expect(unescaped(sent)).toSatisfy((text: string) =>
        history.every((message) => text.includes(saidBy(message))),
      )
      expect(sent.includes(PIXEL.slice(30))).toBe(withImage)
      for (const secret of secretsOf(history, (owner) => owner !== provider))
        expect(sent).not.toContain(secret)
      for (const secret of secretsOf(history, (owner) => owner === provider)) expect(sent).toContain(secret)
      checkAnswer(answer, turn)
      const message = answer.choices[0]!.message
      owners.set(message, provider)
      expect(!provider.signed || secretsIn(message).length > 0).toBe(true)
      history.push(message, ...followUp(message, turn))
    }
  })
})

describe('an image in the conversation', () => {
  it.each(PROVIDERS.filter(({ images }) => !images).map((provider) => [provider.name, provider] as const))(
    'is refused for %s before anything is sent, and routed to one that sees',
    async (_name, blind) => {
      const sees = PROVIDERS.find(({ images }) => images)!
      await using house = await moveIn(blind, sees, ['blind'], ['seen'])
      await expect(house.ask(blind, [question], 0)).rejects.toMatchObject({ code: 'no_route' })
      expect(house.serverOf(blind).requests).toHaveLength(0)
      expect((await house.ask(sees, [question], 0)).choices[0]?.message.content).toBe('seen')
    },
  )
})

/** Whose answer a message is. */
const owners = new WeakMap<object, HouseProvider>()

function checkAnswer(answer: ChatResponse, turn: number): void {
  const { message, finish_reason } = answer.choices[0]!
  const expected = REPLIES[turn] as { text: string; toolCalls?: { name: string; arguments: object }[] }
  expect(message.content).toBe(expected.text)
  expect(finish_reason).toBe(expected.toolCalls ? 'tool_calls' : 'stop')
  const calls = (message.tool_calls ?? []).map(({ function: { name, arguments: text } }) => ({
    name,
    arguments: JSON.parse(text) as object,
  }))
  expect(calls).toEqual(expected.toolCalls ?? [])
  expect(new Set(message.tool_calls?.map(({ id }) => id)).size).toBe(calls.length)
}

/** Results for both calls, the second one first; else the next question. */
function followUp(message: ChatMessage, turn: number): readonly ChatMessage[] {
  const calls = (message.role === 'assistant' && message.tool_calls) || []
  if (calls.length === 0) return [{ role: 'user', content: `And the question after turn ${turn}?` }]
  return calls.map(({ id, function: { name } }, i) => ({
    role: 'tool',
    tool_call_id: id,
    content: `{"result of ${name}": ${turn}${i}}`,
  }))
}

function saidBy(message: ChatMessage): string {
  const { content } = message
  if (typeof content === 'string') return unescaped(content)
  const text = content?.find((part) => part.type === 'text')
  return text?.type === 'text' ? text.text : ''
}
const unescaped = (text: string): string => text.replaceAll('\\', '')

function secretsOf(
  history: readonly ChatMessage[],
  of: (owner: HouseProvider) => boolean,
): readonly string[] {
  return history.flatMap((message) => {
    const owner = owners.get(message)
    return owner && of(owner) ? secretsIn(message) : []
  })
}

/** Signatures and encrypted reasoning: long strings under names that vendors give them. */
function secretsIn(value: unknown, key = ''): readonly string[] {
  if (typeof value === 'string')
    return /^(?:signature|thoughtSignature|encrypted_content|data)$/.test(key) && value.length >= 16
      ? [value]
      : []
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, inner]) => secretsIn(inner, Array.isArray(value) ? key : name))
}

interface House extends AsyncDisposable {
  ask(provider: HouseProvider, messages: readonly ChatMessage[], turn: number): Promise<ChatResponse>
  serverOf(provider: HouseProvider): Emulator
}

async function moveIn(
  first: HouseProvider,
  second: HouseProvider,
  atFirst: readonly EmulatorReply[],
  atSecond: readonly EmulatorReply[],
): Promise<House> {
  const [one, other] = await Promise.all([
    first.emulate({ replies: atFirst }),
    second.emulate({ replies: atSecond }),
  ])
  const gateway: Gateway = createGateway({
    providers: {
      [first.name]: first.adapter({ baseURL: one.baseURL, apiKey: 'key' }),
      [second.name]: second.adapter({ baseURL: other.baseURL, apiKey: 'key' }),
    },
    retry: { maxPerTarget: 1 },
  })
  return {
    async ask({ name, model }, messages, turn) {
      const request = {
        model: `${name}/${model}`,
        messages,
        tools,
        reasoning_effort: 'low',
        max_tokens: 4_000,
      } as const
      return turn < 2 ? gateway.chat(request) : gateway.stream(request).final()
    },
    serverOf: (provider) => (provider === first ? one : other),
    async [Symbol.asyncDispose]() {
      await gateway.close({ drainMs: 0 })
      await Promise.all([one.close(), other.close()])
    },
  }
}
