import FakeTimers from '@sinonjs/fake-timers'

/** 2026-01-01T00:00:00Z, so that a test reads the same date on every day. */
const START = Date.UTC(2026, 0, 1)
const FAKED = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'] as const
/** Turns of the real event loop without a timer in sight after which nothing more is expected. */
const IDLE_TURNS = 50

export interface VirtualTimeOptions {
  /** The wall clock at the start, in milliseconds since 1970. Default: the first second of 2026. */
  readonly startMs?: number
}

/** Time that stands still until it is moved. */
export interface VirtualTime extends Disposable {
  /** Milliseconds since the start. */
  elapsedMs(): number
  /** Moves time on, running every timer that falls due, and what follows from each, in order. */
  advance(ms: number): Promise<void>
  /**
   * Moves time on, timer by timer, until the promise has settled; then gives its value or throws its error.
   *
   * @throws Error when nothing is left to wait for, or after `withinMs` (default: a day) of virtual time.
   */
  settle<T>(promise: PromiseLike<T>, options?: { readonly withinMs?: number }): Promise<T>
  /** Runs all timers, and those they start, until none is left. Throws when an interval makes that impossible. */
  runAll(): Promise<void>
  /** Timers that are waiting. */
  pendingTimers(): number
  /** Changes the wall clock (`Date`) and nothing else, as an operator or NTP does. */
  setWallClock(ms: number): void
  /** Gives the real clock back. */
  restore(): void
}

let installed = false

/**
 * Replaces `setTimeout`, `setInterval`, `Date` and `performance.now` by ones that wait for nobody, so that an hour of
 * back-off takes a millisecond. For mock adapters and `fetch` doubles: real sockets do not know of virtual time and
 * would hang.
 *
 * @throws Error when virtual time is on already: restore it after each test.
 * @example
 * using time = virtualTime()
 * const answer = await time.settle(gateway.chat(request)) // retries included, at once
 * time.elapsedMs() // how long it would have taken
 */
export function virtualTime(options: VirtualTimeOptions = {}): VirtualTime {
  if (installed) throw new Error('virtual time is on already: call restore() after each test, or use `using`')
  installed = true
  const start = options.startMs ?? START
  const clock = FakeTimers.install({
    now: start,
    toFake: [...FAKED],
    loopLimit: 100_000,
    ignoreMissingTimers: true,
  })
  const startedAt = clock.performance.now()

  const restore = (): void => {
    if (!installed) return
    installed = false
    clock.uninstall()
  }
  return {
    elapsedMs: () => clock.performance.now() - startedAt,
    async advance(ms) {
      await turn()
      await clock.tickAsync(ms)
      await turn()
    },
    async settle(promise, { withinMs = 86_400_000 } = {}) {
      let settled = false
      const note = (): void => {
        settled = true
      }
      promise.then(note, note)
      const from = clock.performance.now()
      let idleTurns = 0
      for (;;) {
        await turn()
        if (settled) return promise
        if (clock.countTimers() === 0) {
          if (++idleTurns > IDLE_TURNS)
            throw new Error('the promise has not settled, and no timer is left to wait for')
          continue
        }
        idleTurns = 0
        if (clock.performance.now() - from > withinMs) {
          throw new Error(`the promise has not settled within ${withinMs} ms of virtual time`)
        }
        await clock.nextAsync()
      }
    },
    async runAll() {
      await turn()
      await clock.runAllAsync()
      await turn()
    },
    pendingTimers: () => clock.countTimers(),
    setWallClock: (ms) => clock.setSystemTime(ms),
    restore,
    [Symbol.dispose]: restore,
  }
}

/** A turn of the real event loop: promise callbacks, and what they queue, run before it ends. */
function turn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}
