/** Learns from refusals how much a target takes, and keeps to it: what neither headers nor `Retry-After` say. */

/** Times in milliseconds on the clock of `performance.now()`. */
export interface Pace {
  /** How long to wait for the next attempt; 0 when one may go now. Asks without taking. */
  waitMs(nowMs: number): number
  /** An attempt goes out. */
  take(nowMs: number): void
  /** One that was taken at `takenAt` does not go out after all. */
  cancel(takenAt: number, nowMs: number): void
  /** An attempt that was sent at `sentAt` has been answered, or refused as one too many. */
  note(refused: boolean, sentAt: number, nowMs: number): void
  /** Attempts a second; `undefined` while nothing was refused. */
  rate(): number | undefined
}

/**
 * The constants of CUBIC as the AWS SDKs use it in their adaptive retry mode (botocore, `retries/throttling.py`): after a
 * refusal the rate falls to 0.7 of what was sent, comes back to that along a cubic, and goes on beyond it.
 */
const BETA = 0.7
const SCALE = 0.4
const SMOOTHING = 0.8
const MIN_RATE = 0.5
const BUCKET_MS = 500
/** Unused rate that may be sent at once, as a part of a second. */
const BURST_SECONDS = 0.25
/** So long after the rate is back without a refusal it was no lasting limit: fourfold a second, up to what was sent before. */
const PATIENCE_SECONDS = 1.5
const RECOVERY = 4
/** Refusals here and there are chance: only as a share of what is answered are they a limit. */
const MIN_REFUSED_SHARE = 0.2
const SHARE_MS = 2_000
/**
 * A rate that was refused again when it had come back is a lasting limit. From then on it keeps a little below what gets
 * through, for long, and goes up slowly, so that one in a hundred is refused and not one in ten.
 */
const BELOW = 0.96
const HOLD = { leastSeconds: 30, mostSeconds: 300, attempts: 600 }
const RISE_PER_SECOND = 0.015
/** Gone so far above it without a refusal, it is no longer there. */
const ABOVE = 1.5
/** Two refusals say that it is too much, down to this part of what got through; what goes on then is chance. */
const LEAST = 0.75
const GOODPUT_MS = 3_000
/** So many refusals within so long begin it. */
const STRIKES = 3
const STRIKES_MS = 5_000
/** Without a refusal for so long the target takes whatever comes. */
const FORGET_MS = 60_000

export function createPace(): Pace {
  /** Attempts a second that may go; `Infinity` while nothing was refused. */
  let allowed = Infinity
  let tokens = 0
  let filledAt = 0
  /** Since when not every attempt may go. */
  let limitedAt = 0
  /** What was sent lately, a second. */
  let sent = 0
  let countedSince = -Infinity
  let count = 0
  let refusedAt = -Infinity
  let rateAtRefusal = 0
  let secondsToRegain = 0
  /** What was sent a second before the refusals began. */
  let before = 0

  /** A limit that lasts, in attempts a second; 0 while there is none. */
  let ceiling = 0
  /** What got through, at most, since it was known. */
  let anchor = 0
  let refusedHere = 0
  /** What gets through lately, older answers counting less. */
  let passed = 0
  let passedAt = 0

  /** What was answered and what refused lately, older ones counting less. */
  let answered = 0
  let refusals = 0
  let sharedAt = 0
  /** The latest refusals while every attempt may go: a few are no sign of a rate. */
  let strikes: number[] = []

  const fill = (nowMs: number): void => {
    tokens = Math.min(Math.max(1, allowed * BURST_SECONDS), tokens + ((nowMs - filledAt) / 1_000) * allowed)
    filledAt = nowMs
  }
  const allow = (rate: number, nowMs: number): void => {
    if (allowed === Infinity) [tokens, filledAt, limitedAt] = [0, nowMs, nowMs]
    else fill(nowMs)
    allowed = Math.max(MIN_RATE, rate)
    tokens = Math.min(tokens, Math.max(1, allowed * BURST_SECONDS))
  }
  const closeBucket = (nowMs: number): void => {
    const elapsedMs = nowMs - countedSince
    if (elapsedMs < BUCKET_MS) return
    const now = count / (Math.min(elapsedMs, 10_000) / 1_000)
    sent = sent === 0 ? now : sent * (1 - SMOOTHING) + now * SMOOTHING
    count = 0
    countedSince = nowMs
  }

  const noteShare = (refused: boolean, nowMs: number): void => {
    const left = Math.exp(-Math.max(0, nowMs - sharedAt) / SHARE_MS)
    sharedAt = nowMs
    answered = answered * left + 1
    refusals = refusals * left + (refused ? 1 : 0)
  }

  const goodput = (nowMs: number): number =>
    (passed * Math.exp(-(nowMs - passedAt) / GOODPUT_MS)) / (GOODPUT_MS / 1_000)
  const keepBelow = (rate: number, nowMs: number): void => {
    ceiling = rate
    refusedAt = nowMs
    refusedHere = 0
    allow(ceiling * BELOW, nowMs)
  }
  /** A refusal under a limit that lasts. */
  const lower = (nowMs: number): void => {
    const isStrong = refusals >= Math.max(STRIKES, MIN_REFUSED_SHARE * answered)
    const through = Math.min(allowed, goodput(nowMs))
    if (isStrong) anchor = through
    else if (++refusedHere < 2) return
    else if (ceiling <= LEAST * anchor) {
      recoverFrom(allowed, nowMs)
      return
    }
    anchor = Math.max(anchor, through)
    keepBelow(Math.max(through, LEAST * anchor), nowMs)
  }
  /** It was no limit that lasts, or is none any more. */
  const recoverFrom = (rate: number, nowMs: number): void => {
    ceiling = 0
    rateAtRefusal = rate
    secondsToRegain = 0
    refusedAt = nowMs - PATIENCE_SECONDS * 1_000
  }
  /** An answer under a limit that lasts. */
  const raise = (nowMs: number): void => {
    const { leastSeconds, mostSeconds, attempts } = HOLD
    const holdSeconds = Math.min(mostSeconds, Math.max(leastSeconds, attempts / ceiling))
    const seconds = (nowMs - refusedAt) / 1_000 - holdSeconds
    if (seconds <= 0) return
    const rate = ceiling * BELOW * (1 + RISE_PER_SECOND * seconds)
    if (rate > ceiling * ABOVE) recoverFrom(rate, nowMs)
    else allow(Math.min(rate, 2 * Math.max(sent, MIN_RATE)), nowMs)
  }

  return {
    waitMs(nowMs) {
      if (allowed === Infinity) return 0
      fill(nowMs)
      return tokens >= 1 ? 0 : Math.max(1, Math.ceil(((1 - tokens) / allowed) * 1_000))
    },
    take(nowMs) {
      if (count === 0 && countedSince === -Infinity) countedSince = nowMs
      closeBucket(nowMs)
      count++
      if (allowed === Infinity) return
      fill(nowMs)
      tokens = Math.max(-1, tokens - 1)
    },
    cancel(takenAt, nowMs) {
      count = Math.max(0, count - 1)
      if (allowed === Infinity || takenAt < limitedAt) return
      tokens++
      fill(nowMs)
    },
    note(refused, sentAt, nowMs) {
      closeBucket(nowMs)
      noteShare(refused, nowMs)
      if (!refused) {
        passed = passed * Math.exp(-Math.max(0, nowMs - passedAt) / GOODPUT_MS) + 1
        passedAt = nowMs
      }
      if (ceiling > 0 && allowed < Infinity) {
        if (refused && sentAt >= refusedAt) lower(nowMs)
        else if (!refused) raise(nowMs)
        return
      }
      if (refused) {
        if (refusals < MIN_REFUSED_SHARE * answered) return
        // Those sent before the rate was lowered say nothing of the lower rate.
        if (sentAt < refusedAt) return
        if (allowed === Infinity) {
          strikes = [...strikes.filter((at) => nowMs - at < STRIKES_MS), nowMs]
          if (strikes.length < STRIKES) return
          strikes = []
          before = Math.max(sent, 0)
        }
        const hasRegained = allowed < Infinity && (nowMs - refusedAt) / 1_000 > secondsToRegain
        if (hasRegained) {
          anchor = goodput(nowMs)
          keepBelow(Math.min(allowed, anchor), nowMs)
          return
        }
        const soFar = Math.max(sent, count / Math.max(BUCKET_MS / 1_000, (nowMs - countedSince) / 1_000))
        rateAtRefusal = Math.min(soFar, allowed)
        secondsToRegain = Math.cbrt((rateAtRefusal * (1 - BETA)) / SCALE)
        refusedAt = nowMs
        allow(rateAtRefusal * BETA, nowMs)
        return
      }
      if (allowed === Infinity) return
      if (nowMs - refusedAt > FORGET_MS) {
        allowed = Infinity
        return
      }
      const seconds = (nowMs - refusedAt) / 1_000
      const regained = SCALE * (seconds - secondsToRegain) ** 3 + rateAtRefusal
      const free = seconds - secondsToRegain - PATIENCE_SECONDS
      const recovered = free > 0 ? Math.min(before, rateAtRefusal * RECOVERY ** free) : 0
      // Not beyond twice of what is really sent: idle time proves nothing.
      allow(Math.min(Math.max(regained, recovered), 2 * Math.max(sent, MIN_RATE)), nowMs)
    },
    rate: () => (allowed === Infinity ? undefined : allowed),
  }
}
