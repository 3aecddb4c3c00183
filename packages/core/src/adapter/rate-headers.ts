/** What an answer's headers say of its provider's own limits: every spelling seen in the wild, as data. */
import { parseResetMs } from './retry-after.js'

/** What a provider's limit counts. */
export type RateFigure = 'requests' | 'tokens' | 'inputTokens' | 'outputTokens'

/** One limit as one answer states it. */
export interface StatedRate {
  /** The same for the same limit of all answers. */
  readonly id: string
  readonly what: RateFigure
  readonly max: number
  readonly remaining: number
  /** When it is whole again, as it was sent; read by `resetInMs` when somebody wants to know. */
  readonly reset: string | undefined
  /** The provider's clock, which moments are told by. */
  readonly date: string | undefined
  /** Where the name says how long the window is. */
  readonly windowMs: number | undefined
}

interface Spelling {
  readonly id: string
  readonly what: RateFigure
  readonly limit: string
  readonly remaining: string
  readonly reset: string
  readonly windowMs?: number
}

const MINUTE_MS = 60_000
/** Longer than answers take. */
const PASSED_MS = 600_000
/** No limit of anybody is larger: what is, is garbage. */
const LARGEST = 1e10

/** OpenAI, Azure, xAI and most that are compatible; limits of a project stand beside those of the organisation. */
const openaiStyle = (name: string, what: RateFigure): Spelling => ({
  id: name,
  what,
  limit: `x-ratelimit-limit-${name}`,
  remaining: `x-ratelimit-remaining-${name}`,
  reset: `x-ratelimit-reset-${name}`,
})
const anthropicStyle = (name: string, what: RateFigure): Spelling => ({
  id: name,
  what,
  limit: `anthropic-ratelimit-${name}-limit`,
  remaining: `anthropic-ratelimit-${name}-remaining`,
  reset: `anthropic-ratelimit-${name}-reset`,
})

/** A family is found by its first member that an answer has. */
const FAMILIES: readonly (readonly Spelling[])[] = [
  [
    openaiStyle('requests', 'requests'),
    openaiStyle('tokens', 'tokens'),
    openaiStyle('project-requests', 'requests'),
    openaiStyle('project-tokens', 'tokens'),
  ],
  [
    anthropicStyle('requests', 'requests'),
    anthropicStyle('tokens', 'tokens'),
    anthropicStyle('input-tokens', 'inputTokens'),
    anthropicStyle('output-tokens', 'outputTokens'),
  ],
  // Mistral: the window is in the name, and nothing says when it ends.
  [
    { ...openaiStyle('req-minute', 'requests'), windowMs: MINUTE_MS },
    { ...openaiStyle('tokens-minute', 'tokens'), windowMs: MINUTE_MS },
  ],
  // OpenRouter and others.
  [
    {
      id: 'plain',
      what: 'requests',
      limit: 'x-ratelimit-limit',
      remaining: 'x-ratelimit-remaining',
      reset: 'x-ratelimit-reset',
    },
  ],
]

type Headers = Readonly<Record<string, string>>
const NOTHING: readonly StatedRate[] = []

/** All limits that one answer states. @param headers names in lower case */
export function readRates(headers: Headers): readonly StatedRate[] {
  for (const family of FAMILIES) {
    const rates = readFamily(family, headers)
    if (rates.length > 0) return rates
  }
  return NOTHING
}

function readFamily(family: readonly Spelling[], headers: Headers): readonly StatedRate[] {
  let rates: StatedRate[] | undefined
  for (const { id, what, limit, remaining: left, reset, windowMs } of family) {
    const stated = headers[left]
    if (stated === undefined) continue
    const max = amount(headers[limit])
    const remaining = amount(stated)
    // A limit of nothing is a placeholder: a provider that takes no request says so with an error.
    if (max === undefined || max === 0 || remaining === undefined) continue
    rates ??= []
    rates.push({
      id,
      what,
      max,
      remaining: Math.min(remaining, max),
      reset: headers[reset],
      date: headers['date'],
      windowMs,
    })
  }
  return rates ?? NOTHING
}

/**
 * Milliseconds until the limit is whole again; `undefined` where that is not said, or garbage. Moments are compared with
 * the provider's own clock, where it tells it: the host's may be wrong.
 */
export function resetInMs(
  { reset, date }: Pick<StatedRate, 'reset' | 'date'>,
  nowMs: number,
): number | undefined {
  if (reset === undefined) return undefined
  const theirs = date === undefined ? NaN : Date.parse(date)
  const now = Number.isNaN(theirs) ? nowMs : theirs
  const inMs = parseResetMs(reset, now)
  if (inMs !== undefined) return inMs
  // An answer that took long may tell of a moment that has passed meanwhile.
  const fromThen = parseResetMs(reset, now - PASSED_MS)
  return fromThen !== undefined && fromThen <= PASSED_MS ? 0 : undefined
}

/** Reads the answers of one target: what has been absent again and again is looked for only now and then. */
export function createRateReader(): (headers: Headers, wasRefused: boolean) => readonly StatedRate[] {
  let family: readonly Spelling[] | undefined
  let misses = 0
  return (headers, wasRefused) => {
    if (family) {
      const rates = readFamily(family, headers)
      if (rates.length > 0) return rates
    }
    if (misses >= PATIENCE && misses % RARELY !== 0 && !wasRefused) {
      misses++
      return NOTHING
    }
    for (const one of FAMILIES) {
      const rates = readFamily(one, headers)
      if (rates.length === 0) continue
      family = one
      misses = 0
      return rates
    }
    misses++
    return NOTHING
  }
}

const PATIENCE = 8
const RARELY = 64

/** More than `LARGEST` has. */
const MAX_DIGITS = 15
const ZERO = 48

/** A whole number from 0 up; read digit by digit, as there are some in every answer. */
function amount(text: string | undefined): number | undefined {
  const digits = text?.trim() ?? ''
  if (digits === '' || digits.length > MAX_DIGITS) return undefined
  let value = 0
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(i) - ZERO
    if (digit < 0 || digit > 9) return undefined
    value = value * 10 + digit
  }
  return value <= LARGEST ? value : undefined
}
