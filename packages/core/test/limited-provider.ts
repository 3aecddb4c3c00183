/** A provider with limits of its own, of which it tells or does not: for tests of what is learned. */
import type { Adapter, AttemptContext, ChunkSource } from '../src/contract/adapter.js'
import type { ChatChunk } from '../src/contract/chat-response.js'
import { GatewayError, type GatewayErrorInit } from '../src/errors/gateway-error.js'
import type { Random } from '../src/platform/random.js'

export interface ServerAnswer {
  readonly headers?: Readonly<Record<string, string>>
  /** The request is refused. */
  readonly error?: Omit<GatewayErrorInit, 'message'>
}

/** What the server makes of a request that has arrived. */
export type Server = (nowMs: number, key: string | undefined) => ServerAnswer

/** Refused with or without a word of why. */
const TOO_MANY: ServerAnswer['error'] = { code: 'rate_limited', status: 429 }

/** So many a second, `burst` at once. `tell`: in OpenAI's headers. */
export function tokenBucket(perSecond: () => number, burst: number, tell = false): Server {
  let tokens = burst
  let at = 0
  return (nowMs) => {
    tokens = Math.min(burst, tokens + ((nowMs - at) / 1_000) * perSecond())
    at = nowMs
    const isRefused = tokens < 1
    if (!isRefused) tokens--
    const headers = {
      'x-ratelimit-limit-requests': String(burst),
      'x-ratelimit-remaining-requests': String(Math.floor(tokens)),
      'x-ratelimit-reset-requests': `${Math.ceil(((burst - tokens) / perSecond()) * 1_000)}ms`,
    }
    return { ...(tell && { headers }), ...(isRefused && { error: TOO_MANY }) }
  }
}

/** So many in each window of the server's clock. `tell`: in Anthropic's headers, in whole seconds. */
export function fixedWindow(max: () => number, windowMs: number, tell = false, offsetMs = 0): Server {
  let window = -1
  let used = 0
  return (nowMs) => {
    const current = Math.floor((nowMs + offsetMs) / windowMs)
    if (current !== window) [window, used] = [current, 0]
    const isRefused = used >= max()
    if (!isRefused) used++
    const resetsAt = Date.now() + (current + 1) * windowMs - offsetMs - nowMs
    const headers = {
      'anthropic-ratelimit-requests-limit': String(max()),
      'anthropic-ratelimit-requests-remaining': String(max() - used),
      'anthropic-ratelimit-requests-reset': new Date(Math.ceil(resetsAt / 1_000) * 1_000)
        .toISOString()
        .replace('.000Z', 'Z'),
      date: new Date(Math.floor(Date.now() / 1_000) * 1_000).toUTCString(),
    }
    return { ...(tell && { headers }), ...(isRefused && { error: TOO_MANY }) }
  }
}

/** So many in any window. Refusals say so as Gemini's do: when to come back, and how many those are. */
export function slidingWindow(max: number, windowMs: number): Server {
  const taken: number[] = []
  return (nowMs) => {
    while (taken.length > 0 && (taken[0] as number) <= nowMs - windowMs) taken.shift()
    if (taken.length < max) {
      taken.push(nowMs)
      return {}
    }
    const retryAfterMs = Math.ceil((taken[0] as number) + windowMs - nowMs)
    return {
      error: {
        code: 'rate_limited',
        status: 429,
        retryAfterMs,
        quotas: [{ what: 'requests', max, windowMs }],
      },
    }
  }
}

/** A request as the server saw it. */
export interface Arrival {
  readonly at: number
  readonly key: string | undefined
  readonly refused: boolean
}

export function limitedProvider(
  server: Server,
  {
    keys,
    latencyMs = () => 200,
    name = 'limited',
  }: { keys?: readonly string[]; latencyMs?: () => number; name?: string } = {},
): Adapter & { readonly arrivals: Arrival[] } {
  const arrivals: Arrival[] = []
  const chat = (_request: unknown, attempt: AttemptContext): ChunkSource => {
    let isAsked = false
    let isOver = false
    return {
      async next() {
        if (isAsked || isOver) return undefined
        isAsked = true
        const tookMs = latencyMs()
        await pause(tookMs / 2)
        const at = performance.now()
        const { headers = {}, error } = server(at, attempt.key)
        arrivals.push({ at, key: attempt.key, refused: error !== undefined })
        await pause(tookMs / 2)
        if (isOver) return undefined
        attempt.mark('headers')
        attempt.response({ status: error?.status ?? 200, headers })
        if (error) throw new GatewayError({ message: 'refused', ...error })
        return answer(attempt.model)
      },
      cancel() {
        isOver = true
      },
    }
  }
  return { name, models: ['m'], arrivals, chat, ...(keys && { keys }) }
}

const pause = async (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

/** Between half and one and a half of the mean. */
export const aroundMs = (meanMs: number, random: Random) => (): number => meanMs * (0.5 + random())

const answer = (model: string): readonly ChatChunk[] => [
  {
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model,
    choices: [{ index: 0, delta: { role: 'assistant', content: 'Fine.' }, finish_reason: 'stop' }],
  },
  {
    id: 'x',
    object: 'chat.completion.chunk',
    created: 1,
    model,
    choices: [],
    usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
  },
]
