/** The sixteen faults that every gateway is judged by, and what the right behaviour is. */
import { setTimeout as sleep } from 'node:timers/promises'
import {
  continuing,
  setStage,
  TEXT,
  WORDS,
  type Dialect,
  type Ending,
  type Mode,
  type Stage,
} from './stage.js'

export interface Check {
  readonly what: string
  readonly ok: boolean
}

export interface Fault {
  readonly id: string
  readonly name: string
  /** What is asked of a gateway here, and whether it was so. */
  readonly play: (dialect: Dialect, mode: Mode) => Promise<readonly Check[]>
}

const check = (what: string, ok: boolean): Check => ({ what, ok })
const whole = ({ text, error }: Ending): Check =>
  check(`the whole text, not ${error ? error.code : `${text.length} characters`}`, !error && text === TEXT)
const by = (ending: Ending, provider: string): Check =>
  check(
    `answered by ${provider}, not ${ending.answer?.gateway.provider}`,
    ending.answer?.gateway.provider === provider,
  )
const tries = ({ primary }: Stage, most: number, least = 1): Check =>
  check(
    `${least} to ${most} tries at the primary, not ${primary.requests.length}`,
    primary.requests.length <= most && primary.requests.length >= least,
  )
const within = ({ tookMs }: Ending, ms: number): Check =>
  check(`within ${ms} ms, not ${Math.round(tookMs)}`, tookMs <= ms)
const attemptsAtMost = (ending: Ending, most: number): Check => {
  const made = ending.answer?.gateway.attempts.length ?? ending.error?.attempts.length ?? 0
  return check(`at most ${most} attempts in all, not ${made}`, made <= most)
}

export const FAULTS: readonly Fault[] = [
  {
    id: 'S01',
    name: '429 with Retry-After: 2, then healthy',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, {
        primary: [{ error: 'rate_limited', retryAfterMs: 2_000 }, TEXT],
      })
      const ending = await stage.call()
      const [first, second] = stage.primary.requests
      const gap = (second?.startedAtMs ?? 0) - (first?.startedAtMs ?? 0)
      return [
        whole(ending),
        by(ending, 'primary'),
        check(`waited 1800 ms, not ${Math.round(gap)}`, gap >= 1_800),
      ]
    },
  },
  {
    id: 'S02',
    name: '429 for ever, no Retry-After',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, { primary: { error: 'rate_limited' } })
      const ending = await stage.call()
      const early = stage.primary.requests.filter(
        ({ startedAtMs }) => startedAtMs - (stage.primary.requests[0]?.startedAtMs ?? 0) <= 3_000,
      )
      return [
        whole(ending),
        by(ending, 'spare'),
        attemptsAtMost(ending, 6),
        check('at most 4 tries in 3 s', early.length <= 4),
      ]
    },
  },
  {
    id: 'S03',
    name: '500 once, then healthy',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, {
        primary: [{ error: 'upstream_error', status: 500 }, TEXT],
      })
      const ending = await stage.call()
      return [whole(ending), by(ending, 'primary'), tries(stage, 2, 2)]
    },
  },
  {
    id: 'S04',
    name: '503 for ever',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, { primary: { error: 'overloaded', status: 503 } })
      const ending = await stage.call()
      return [whole(ending), by(ending, 'spare'), attemptsAtMost(ending, 6)]
    },
  },
  {
    id: 'S05',
    name: 'connection reset before any byte, then healthy',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, { primary: [{ fault: 'reset' }, TEXT] })
      return [whole(await stage.call())]
    },
  },
  {
    id: 'S06',
    name: 'accepts and never answers',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, { primary: { fault: 'silence' } })
      const ending = await stage.call()
      return [whole(ending), by(ending, 'spare'), tries(stage, 1), within(ending, 15_000)]
    },
  },
  {
    id: 'S07',
    name: 'headers at once, first token after 20 s',
    async play(dialect, mode) {
      const slow = { text: TEXT, firstTokenDelayMs: 20_000 }
      await using stage = await setStage(dialect, mode, { primary: slow })
      await using both = await setStage(dialect, mode, { primary: slow, spare: slow })
      const [ending, last] = await Promise.all([stage.call(), both.call()])
      return [
        whole(ending),
        by(ending, 'spare'),
        within(ending, 15_000),
        tries(stage, 1),
        whole(last),
        by(last, 'spare'),
      ]
    },
  },
  {
    id: 'S08',
    name: 'stream dies after 40 of 60 tokens, no end mark',
    async play(dialect, mode) {
      const checks: Check[] = []
      for (const how of ['end', 'fin', 'reset'] as const) {
        await using stage = await setStage(dialect, mode, {
          primary: { text: TEXT, cut: { afterChunks: 40, how } },
        })
        checks.push(whole(await stage.call()))
      }
      await using stage = await setStage(dialect, mode, {
        primary: { text: TEXT, cut: { afterChunks: 40 } },
        spare: { text: TEXT, cut: { afterChunks: 40 } },
      })
      const hopeless = await stage.call()
      checks.push(check('never a short answer as success', hopeless.error !== undefined))
      return checks
    },
  },
  {
    id: 'S09',
    name: 'silent for 30 s after 20 tokens',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, {
        primary: [{ text: TEXT, stall: { afterChunks: 20 } }, TEXT],
      })
      const ending = await stage.call()
      const after = await stage.call()
      return [whole(ending), within(ending, 10_000), whole(after), by(after, 'primary')]
    },
  },
  {
    id: 'S10',
    name: 'tenth event is broken JSON, the rest fine',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, { primary: { text: TEXT, brokenChunk: 10 } })
      const ending = await stage.call()
      return [
        check('the whole text or a clean error', ending.text === TEXT || ending.error !== undefined),
        whole(ending),
      ]
    },
  },
  {
    id: 'S11',
    name: 'complete stream without its last mark',
    async play(dialect, mode) {
      await using stage = await setStage(dialect, mode, { primary: { text: TEXT, endMark: false } })
      const ending = await stage.call()
      const usage = ending.answer?.usage?.completion_tokens ?? 0
      return [whole(ending), within(ending, 3_000), check('with usage', usage > 0)]
    },
  },
  {
    id: 'S12',
    name: '400 context_length_exceeded',
    async play(dialect, mode) {
      await using larger = await setStage(dialect, mode, {
        primary: { error: 'context_length' },
        spareCan: { contextTokens: 100_000_000 },
      })
      await using alike = await setStage(dialect, mode, { primary: { error: 'context_length' } })
      const [ending, refused] = await Promise.all([larger.call(), alike.call()])
      return [
        whole(ending),
        tries(larger, 1),
        check(
          'no other model of the same size',
          refused.error?.code === 'context_length' && alike.spare.requests.length === 0,
        ),
      ]
    },
  },
  {
    id: 'S13',
    name: '400 content_policy_violation',
    async play(dialect, mode) {
      const message = 'This request violates the usage policy.'
      await using stage = await setStage(dialect, mode, { primary: { error: 'content_filtered', message } })
      const { error, text, answer } = await stage.call()
      const refused = error
        ? error.code === 'content_filtered'
        : answer?.choices[0]?.finish_reason === 'content_filter' && text === ''
      return [
        check(`the provider's refusal reaches the caller, not ${error?.code ?? 'an answer'}`, refused),
        check('its reason too', !error || error.message.includes(message)),
        tries(stage, 1),
        check('not routed around', stage.spare.requests.length === 0),
      ]
    },
  },
  {
    id: 'S14',
    name: 'dies after 40 tokens, the fallback refuses a prefill',
    async play(dialect, mode) {
      let refusals = 0
      await using stage = await setStage(dialect, mode, {
        primary: { text: TEXT, cut: { afterChunks: 40 } },
        spareCan: { prefill: true },
        spare: (request) => {
          if (!endsWithAnswer(request.body)) return continuing(request)
          refusals++
          return {
            error: 'invalid_request',
            message: 'This model does not support assistant message prefill.',
          }
        },
      })
      const ending = await stage.call()
      return [whole(ending), check('the prefill was tried', mode === 'chat' || refusals === 1)]
    },
  },
  {
    id: 'S15',
    name: '503 for 60 s, then healthy; a call each 4 s',
    async play(dialect, mode) {
      const began = performance.now()
      const isDown = (): boolean => performance.now() - began < 60_000
      await using stage = await setStage(dialect, mode, {
        primary: () => (isDown() ? { error: 'overloaded', status: 503 } : TEXT),
      })
      const endings: Ending[] = []
      let backAfterMs = Infinity
      let skipped = 0
      for (let i = 0; i < 24; i++) {
        const ending = await stage.call()
        endings.push(ending)
        const { provider, trace } = ending.answer?.gateway ?? {}
        if (trace?.skipped.length) skipped++
        if (provider === 'primary') backAfterMs = Math.min(backAfterMs, performance.now() - began - 60_000)
        await sleep(Math.max(0, began + (i + 1) * 4_000 - performance.now()))
      }
      const inOutage = stage.primary.requests.filter(({ status }) => status === 503).length
      return [
        check(
          'every call answered',
          endings.every(({ text, error }) => !error && text === TEXT),
        ),
        check(`the breaker kept calls away (${skipped})`, skipped >= 3),
        check(`few requests in the outage, not ${inOutage}`, inOutage <= 24),
        check(`back within 30 s, not ${Math.round(backAfterMs)} ms`, backAfterMs <= 30_000),
        by(endings.at(-1) as Ending, 'primary'),
      ]
    },
  },
  {
    id: 'S16',
    name: '503 for ever: whose model, whose bill',
    async play(dialect, mode) {
      const usage = { inputTokens: 100, outputTokens: 60 }
      await using stage = await setStage(dialect, mode, {
        primary: { error: 'overloaded', status: 503 },
        spare: { text: WORDS.join(' '), usage },
      })
      const ending = await stage.call()
      const { attempts = [], costUsd } = ending.answer?.gateway ?? {}
      const failed = attempts.filter(({ outcome }) => outcome === 'error')
      const last = attempts.at(-1)
      return [
        whole(ending),
        by(ending, 'spare'),
        check(
          "the fallback's usage",
          ending.answer?.usage?.prompt_tokens === 100 && ending.answer.usage.completion_tokens === 60,
        ),
        check(
          'failed attempts cost nothing',
          failed.length > 0 && failed.every((attempt) => attempt.costUsd === 0),
        ),
        check(
          'the bill is the last one',
          costUsd !== undefined && costUsd !== null && costUsd > 0 && costUsd === last?.costUsd,
        ),
      ]
    },
  },
]

/** The conversation ends with the model's own words, in any of the dialects. */
function endsWithAnswer(body: unknown): boolean {
  const { messages, contents } = body as { messages?: { role: string }[]; contents?: { role: string }[] }
  const last = (messages ?? contents)?.at(-1)
  return last?.role === 'assistant' || last?.role === 'model'
}
