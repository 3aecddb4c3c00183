/** What turning a long conversation into wire text costs, in every dialect, beside `JSON.stringify` on it alone. */
import type { ChatMessage, Tool } from '@turnout/core'
import type { Protocol, ProtocolContext } from '@turnout/core/adapter'
import { chatProtocol, GENERIC_DIALECT, type ChatDialect } from '@turnout/openai-compatible'
import { responsesProtocol, type ResponsesModelRules } from '@turnout/openai-compatible/responses'
import { median } from './measure.js'

/** Protocols have no public names: their built files are read. */
const built = async (file: string): Promise<Record<string, (...given: readonly unknown[]) => unknown>> =>
  (await import(new URL(`../../packages/${file}.js`, import.meta.url).href)) as never

interface Dialect {
  readonly name: string
  readonly model: string
  readonly protocol: () => Promise<Protocol>
}

/** A vendor of Chat Completions: its dialect over its model rules. */
const vendor = (name: string, file: string, make: string, model: string): Dialect => ({
  name,
  model,
  async protocol() {
    const [dialects, models] = [await built(`${name}/dist/${file}`), await built(`${name}/dist/models`)]
    return chatProtocol(dialects[make]?.((id: string) => models['modelRules']?.(id)) as ChatDialect)
  },
})
const DIALECTS: readonly Dialect[] = [
  { name: 'openai-compatible', model: 'any', protocol: () => Promise.resolve(chatProtocol(GENERIC_DIALECT)) },
  vendor('openai', 'openai-chat-dialect', 'openaiChatDialect', 'gpt-4.1'),
  {
    name: 'openai responses',
    model: 'gpt-4.1',
    async protocol() {
      const [rules, models] = [await built('openai/dist/responses-rules'), await built('openai/dist/models')]
      return responsesProtocol(
        (id) => rules['responsesRules']?.(models['modelRules']?.(id)) as ResponsesModelRules,
      )
    },
  },
  {
    name: 'anthropic',
    model: 'claude-sonnet-4-5',
    async protocol() {
      const [protocols, models] = [
        await built('anthropic/dist/messages/protocol'),
        await built('anthropic/dist/models'),
      ]
      const rulesFor = models['rulesFor']
      return protocols['messagesProtocol']?.({ version: '2023-06-01', betas: [], rulesFor }) as Protocol
    },
  },
  {
    name: 'gemini',
    model: 'gemini-2.5-flash',
    protocol: async () =>
      (await built('gemini/dist/generate-content/protocol'))['generateContent']?.({}) as Protocol,
  },
  {
    name: 'mistral',
    model: 'mistral-large-latest',
    async protocol() {
      const [protocols, models] = [
        await built('mistral/dist/mistral-protocol'),
        await built('mistral/dist/models'),
      ]
      return protocols['mistralProtocol']?.((id: string) => models['modelRules']?.(id)) as Protocol
    },
  },
  vendor('deepseek', 'deepseek-dialect', 'deepseekDialect', 'deepseek-v4-flash'),
  vendor('qwen', 'qwen-dialect', 'qwenDialect', 'qwen-plus'),
  vendor('xai', 'xai-chat-dialect', 'xaiChatDialect', 'grok-4.5'),
  {
    name: 'openrouter',
    model: 'meta-llama/llama-4-maverick',
    protocol: async () =>
      chatProtocol(
        (await built('openrouter/dist/openrouter-dialect'))['openrouterDialect']?.(undefined) as ChatDialect,
      ),
  },
]

export interface EncodeRow {
  readonly name: string
  /** Microseconds for one conversation to its wire text. */
  readonly us: number
  /** In times of `JSON.stringify` on the conversation, median of the rounds. */
  readonly times: number
}

const RUNS = 1_500

/** 40 messages of some 500 characters, tool calls and results among them, and 3 tools. */
export function conversation(): {
  readonly messages: readonly ChatMessage[]
  readonly tools: readonly Tool[]
} {
  const words = 'The quick brown fox jumps over "the" lazy dog; größer als 5 €.\n'
  const messages: ChatMessage[] = [{ role: 'system', content: words.repeat(8) }]
  while (messages.length < 40) {
    const turn = messages.length
    const id = `call_${String(turn).padStart(4, '0')}`
    const call = { name: 'search', arguments: JSON.stringify({ query: words }) }
    messages.push(
      { role: 'user', content: `${turn} ${words.repeat(8)}` },
      { role: 'assistant', content: words.repeat(4), tool_calls: [{ id, type: 'function', function: call }] },
      { role: 'tool', tool_call_id: id, content: words.repeat(8) },
    )
  }
  const query = { type: 'string', description: words }
  const parameters = { type: 'object', properties: { query }, required: ['query'] }
  const tools = ['search', 'fetch', 'convert'].map((name): Tool => ({
    type: 'function',
    function: { name, description: words, parameters },
  }))
  return { messages: messages.slice(0, 40), tools }
}

/** Interleaved rounds: what the adapter does before it sends, `encode` and `JSON.stringify`, and the latter alone. */
export async function encodeCost(
  rounds: number,
): Promise<{ readonly plainUs: number; readonly rows: readonly EncodeRow[] }> {
  const request = { model: 'bench', ...conversation() }
  const plain: number[] = []
  const dialects = await Promise.all(
    DIALECTS.map(async ({ name, model, protocol: load }) => {
      const protocol = await load()
      const context: ProtocolContext = {
        adapter: name,
        provider: 'bench',
        model,
        origin: 'http://127.0.0.1',
        stream: true,
        unsupported: 'warn',
        request,
        warn() {},
      }
      return {
        name,
        us: [] as number[],
        run: () => JSON.stringify(protocol.encode(request, context).body).length,
      }
    }),
  )
  for (let round = -1; round < rounds; round++) {
    const plainUs = time(() => JSON.stringify(request).length)
    if (round >= 0) plain.push(plainUs)
    for (const { run, us } of dialects) {
      const took = time(run)
      if (round >= 0) us.push(took)
    }
  }
  return {
    plainUs: median(plain),
    rows: dialects.map(({ name, us }) => ({
      name,
      us: median(us),
      times: median(us.map((each, round) => each / (plain[round] as number))),
    })),
  }
}

function time(run: () => number): number {
  globalThis.gc?.()
  const began = process.cpuUsage()
  for (let i = 0; i < RUNS; i++) run()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / RUNS
}
