/** L11: what a call costs by itself: an adapter in this process that has its answer at once. */
import { createGateway, type Adapter, type ChatChunk, type GatewayOptions } from '@turnout/core'

export interface HotPathPlan {
  readonly calls: number
  readonly rounds: number
}

export interface HotPathResult {
  /** Microseconds of CPU a call, user and system, garbage collection included; a figure a round. */
  readonly adapterUs: readonly number[]
  readonly plainUs: readonly number[]
  readonly fullUs: readonly number[]
  /** Calls of the last that were answered. */
  readonly ok: number
}

const CHUNK: ChatChunk = {
  id: 'hot',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'gpt-4.1',
  choices: [{ index: 0, delta: { role: 'assistant', content: 'Good, merge it.' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 250, completion_tokens: 5, total_tokens: 255 },
}
const adapter: Adapter = {
  name: 'openai',
  models: [],
  chat() {
    let isNew = true
    return {
      next() {
        const batch = isNew ? [CHUNK] : undefined
        isNew = false
        return Promise.resolve(batch)
      },
      cancel() {},
    }
  },
}
const request = {
  model: 'hot',
  messages: [
    { role: 'user' as const, content: 'Say what this change does and whether it may be merged. '.repeat(18) },
  ],
}

/** Everything that a call can pass through; none of it refuses anything. */
const FULL: Partial<GatewayOptions> = {
  limits: {
    all: { requests: 1e9, tokens: 1e12, concurrent: 1_000 },
    tenants: { per: 'tenant', windowMs: 1_000, requests: 1e9, inputTokens: 1e12 },
    models: { per: ['tenant', 'model'], windowMs: 10_000, tokens: 1e12 },
  },
  budgets: {
    all: { period: 'month', limitUsd: 1e9 },
    tenants: { per: 'tenant', period: 'day', limitUsd: 1e9 },
  },
}

export async function playHotPath({ calls, rounds }: HotPathPlan): Promise<HotPathResult> {
  const gatewayOf = (options: Partial<GatewayOptions>) =>
    createGateway({ providers: { one: adapter }, routes: { hot: ['one/gpt-4.1'] }, ...options })
  const plain = gatewayOf({})
  const full = gatewayOf(FULL)
  let ok = 0
  const works = {
    adapterUs: async () => {
      const source = adapter.chat(request, undefined as never)
      while (await source.next()) {
        /* drained */
      }
    },
    plainUs: async () => plain.chat(request),
    fullUs: async () => {
      await full.chat(request, { tenant: 'acme', tags: { team: 'core' } })
      ok++
    },
  }
  const figures = { adapterUs: [] as number[], plainUs: [] as number[], fullUs: [] as number[] }
  for (let round = -1; round < rounds; round++) {
    if (round === 0) ok = 0
    for (const [name, run] of Object.entries(works)) {
      const cpu = process.cpuUsage()
      for (let call = 0; call < calls; call++) await run()
      const { user, system } = process.cpuUsage(cpu)
      // The first round is to warm up.
      if (round >= 0) figures[name as keyof typeof figures].push((user + system) / calls)
    }
  }
  await plain.close()
  await full.close()
  return { ...figures, ok }
}
