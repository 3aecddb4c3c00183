/** What a provider says about when to come back, in any of the spellings seen in the wild. */

const DAY_MS = 86_400_000
/** A hint of up to a month is believed and cut to a day; beyond that it is garbage. */
const LARGEST_HINT_MS = 31 * DAY_MS

/**
 * Milliseconds from the response headers: `retry-after-ms` (wins), `retry-after` in seconds (decimals allowed) or as
 * HTTP date. Bounded to 0..24 h; `undefined` for absent, negative, past, absurd or unreadable values.
 *
 * @param headers names in lower case
 * @example retryAfterMs({ 'retry-after': '1.5' }, Date.now()) // 1500
 */
export function retryAfterMs(headers: Readonly<Record<string, string>>, nowMs: number): number | undefined {
  const exact = headers['retry-after-ms']
  if (exact !== undefined) {
    const hint = bounded(decimal(exact))
    if (hint !== undefined) return hint
  }
  const value = headers['retry-after']
  if (value === undefined) return undefined
  const seconds = decimal(value)
  return seconds === undefined ? untilDate(value, nowMs) : bounded(seconds * 1_000)
}

/**
 * Milliseconds until a rate limit starts anew, from a reset header's value: a duration (`1m13.588s`, `12ms`), seconds,
 * epoch seconds or milliseconds, an RFC 3339 time or an HTTP date. Bounded to 0..24 h; garbage gives `undefined`.
 */
export function parseResetMs(value: string, nowMs: number): number | undefined {
  const number = decimal(value)
  if (number === undefined) return duration(value) ?? untilDate(value, nowMs)
  if (number >= 1e11) return bounded(number - nowMs) // epoch milliseconds, 1973 at the earliest
  if (number >= 1e8) return bounded(number * 1_000 - nowMs) // epoch seconds
  return bounded(number * 1_000)
}

/**
 * The reset of the limits that are used up (`remaining: 0`): the longest of them, since all must have room. For
 * answers that say 429 without `retry-after`.
 */
export function exhaustedLimitResetMs(
  headers: Readonly<Record<string, string>>,
  nowMs: number,
): number | undefined {
  let longest: number | undefined
  for (const name in headers) {
    if (!name.includes('ratelimit') || !name.includes('remaining') || headers[name]?.trim() !== '0') continue
    const reset = headers[name.replace('remaining', 'reset')]
    const waitMs = reset === undefined ? undefined : parseResetMs(reset, nowMs)
    if (waitMs !== undefined && (longest === undefined || waitMs > longest)) longest = waitMs
  }
  return longest
}

function decimal(text: string): number | undefined {
  const trimmed = text.trim()
  return /^\d{1,16}(?:\.\d{0,16})?$/.test(trimmed) ? Number(trimmed) : undefined
}

/** Go's notation: `6m0s`, `1h2m`, `250ms`, `16.601s`. */
function duration(text: string): number | undefined {
  const match =
    /^(?:(\d{1,6})d)?(?:(\d{1,6})h)?(?:(\d{1,6})m)?(?:(\d{1,9}(?:\.\d{1,12})?)s)?(?:(\d{1,12}(?:\.\d{1,12})?)ms)?$/.exec(
      text.trim(),
    )
  if (!match || match[0] === '') return undefined
  const [, days = 0, hours = 0, minutes = 0, seconds = 0, millis = 0] = match
  const wholeSeconds = Number(days) * 86_400 + Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds)
  return bounded(wholeSeconds * 1_000 + Number(millis))
}

function untilDate(text: string, nowMs: number): number | undefined {
  // `Date.parse` takes almost anything: ask for the look of RFC 3339 or of an HTTP date first.
  if (!/^\s*(?:\d{4}-\d\d-\d\dT|[A-Z][a-z]{2,8},? )/.test(text)) return undefined
  return bounded(Date.parse(text) - nowMs)
}

function bounded(ms: number | undefined): number | undefined {
  if (ms === undefined || !(ms >= 0 && ms <= LARGEST_HINT_MS)) return undefined
  return Math.min(Math.ceil(ms), DAY_MS)
}
