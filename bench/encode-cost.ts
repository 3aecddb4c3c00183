/** What turning a long conversation into wire text costs, in every dialect, beside `JSON.stringify` on it alone. */
import { anthropic } from '@turnout/anthropic'
import type { Adapter, ChatMessage, ChatRequest, Tool } from '@turnout/core'
import { deepseek } from '@turnout/deepseek'
import { gemini } from '@turnout/gemini'
import { mistral } from '@turnout/mistral'
import { openai } from '@turnout/openai'
import { openrouter } from '@turnout/openrouter'
import { qwen } from '@turnout/qwen'
import { tokenmix } from '@turnout/tokenmix'
import { xai } from '@turnout/xai'
import { median } from './measure.js'

interface Dialect {
  readonly name: string
  readonly model: string
  readonly make: (options: { readonly apiKey: string; readonly fetch: typeof fetch }) => Adapter
}
const DIALECTS: readonly Dialect[] = [
  { name: 'openai chat', model: 'gpt-4.1', make: (options) => openai({ ...options, api: 'chat' }) },
  { name: 'openai responses', model: 'gpt-4.1', make: (options) => openai({ ...options, api: 'responses' }) },
  { name: 'anthropic', model: 'claude-sonnet-4-5', make: anthropic },
  { name: 'gemini', model: 'gemini-2.5-flash', make: gemini },
  { name: 'mistral', model: 'mistral-large-latest', make: mistral },
  { name: 'deepseek', model: 'deepseek-v4-flash', make: deepseek },
  { name: 'qwen', model: 'qwen-plus', make: qwen },
  { name: 'openrouter', model: 'meta-llama/llama-4-maverick', make: openrouter },
  { name: 'tokenmix', model: 'gpt-4o-mini', make: tokenmix },
  { name: 'xai', model: 'grok-4.5', make: xai },
]

export interface EncodeRow {
  readonly name: string
  /** Microseconds for one conversation to its wire text. */
  readonly us: number
  /** In times of `JSON.stringify` on the conversation, median of the rounds. */
  readonly times: number
}

const RUNS = 400

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
    messages.push(
      { role: 'user', content: `${turn} ${words.repeat(8)}` },
      {
        role: 'assistant',
        content: words.repeat(4),
        tool_calls: [
          { id, type: 'function', function: { name: 'search', arguments: JSON.stringify({ query: words }) } },
        ],
      },
      { role: 'tool', tool_call_id: id, content: words.repeat(8) },
    )
  }
  const parameters = {
    type: 'object',
    properties: { query: { type: 'string', description: words } },
    required: ['query'],
  }
  const tools = ['search', 'fetch', 'convert'].map((name): Tool => ({
    type: 'function',
    function: { name, description: words, parameters },
  }))
  return { messages: messages.slice(0, 40), tools }
}

/** Interleaved rounds. The text is taken where it would be sent: everything before the socket is in it. */
export async function encodeCost(
  rounds: number,
): Promise<{ readonly plainUs: number; readonly rows: readonly EncodeRow[] }> {
  const request = conversation()
  const plain: number[] = []
  const empty = { messages: [{ role: 'user' as const, content: '' }] }
  const dialects = DIALECTS.map(({ name, model, make }) => ({
    name,
    run: sender(make, model, request),
    /** The same way with next to nothing to encode: transport, clocks and the error at its end. */
    bare: sender(make, model, empty),
    us: [] as number[],
  }))
  for (let round = -1; round < rounds; round++) {
    const plainUs = await time(() => Promise.resolve(JSON.stringify(request).length))
    if (round >= 0) plain.push(plainUs)
    for (const { run, bare, us } of dialects) {
      const took = (await time(run)) - (await time(bare))
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

/** Sends nothing: the transport takes the text and fails. */
function sender(
  make: Dialect['make'],
  model: string,
  asked: Pick<ChatRequest, 'messages' | 'tools'>,
): () => Promise<number> {
  const request = { model, ...asked }
  let length = 0
  const adapter = make({
    apiKey: 'bench',
    fetch: (_url, init) => {
      length = typeof init?.body === 'string' ? init.body.length : 0
      return Promise.reject(new TypeError('nothing is sent here'))
    },
  })
  return async () => {
    const source = adapter.chat(request, {
      requestId: 'bench',
      provider: 'bench',
      model,
      stream: true,
      signal: new AbortController().signal,
      unsupported: 'warn',
      mark() {},
      warn() {},
      response() {},
    })
    await source.next().catch(() => undefined)
    return length
  }
}

async function time(run: () => Promise<number>): Promise<number> {
  globalThis.gc?.()
  const began = process.cpuUsage()
  for (let i = 0; i < RUNS; i++) await run()
  const { user, system } = process.cpuUsage(began)
  return (user + system) / RUNS
}
