/** How the process fares that the gateway is a guest in, and which calls it should not take for that. */
import { getHeapStatistics } from 'node:v8'
import type { Priority } from '../contract/request-options.js'
import { PRIORITIES } from './wait-entry.js'

export interface HostSignals {
  /** How late a timer rings, in milliseconds: so long the event loop is busy with something else. */
  readonly loopDelayMs: number
  /** Heap in use, of what V8 allows itself (`--max-old-space-size`): 0 to 1. Buffers are outside of it. */
  readonly heapShare: number
}

/**
 * From which signal on calls below a class are not taken. Critical ones always are.
 *
 * | loop delay | heap | taken                          |
 * | ---------- | ---- | ------------------------------ |
 * | 100 ms     | 80 % | all but batch                  |
 * | 250 ms     | 85 % | critical, high and normal ones |
 * | 500 ms     | 90 % | critical and high ones         |
 * | 1 s        | 95 % | critical ones                  |
 */
const THRESHOLDS: readonly (HostSignals & { readonly below: Priority })[] = [
  { loopDelayMs: 1_000, heapShare: 0.95, below: 'critical' },
  { loopDelayMs: 500, heapShare: 0.9, below: 'high' },
  { loopDelayMs: 250, heapShare: 0.85, below: 'normal' },
  { loopDelayMs: 100, heapShare: 0.8, below: 'low' },
]

/** The class below which no call should be taken; `undefined` when all may be. */
export function shedBelow({ loopDelayMs, heapShare }: HostSignals): Priority | undefined {
  return THRESHOLDS.find((one) => loopDelayMs >= one.loopDelayMs || heapShare >= one.heapShare)?.below
}

export interface HostPressure {
  /** A call begins: while there are any, the host is measured. */
  begin(): void
  /** A call has ended. */
  end(): void
  /** What calls are not taken now; nothing is measured for it. */
  shedBelow(): Priority | undefined
  /** The latest sample. */
  signals(): HostSignals
  isOn(): boolean
  /** Begins to measure, or ends it and takes all calls again. */
  turn(on: boolean): void
  /** Ends measuring, for good. */
  close(): void
}

export interface HostPressureOptions {
  /** Default `true`; `turn` changes it. */
  readonly isOn?: boolean
  /** Told when other classes are refused than before; must not throw. */
  readonly onChange?: (below: Priority | undefined, signals: HostSignals) => void
  /** The monotonic clock, in milliseconds. */
  readonly now?: () => number
  readonly heapShare?: () => number
}

const SAMPLE_MS = 100
/** One stall, or garbage that was about to be collected, is no pressure: what lasts for so many samples is. */
const SAMPLES = 3
const CALM: HostSignals = { loopDelayMs: 0, heapShare: 0 }

/**
 * Measures event-loop delay and heap every 100 ms while there are calls, with a timer that keeps no process alive and
 * ends when there has been no call for a sample. A class is refused when three samples in a row say so, and taken again
 * when three in a row allow it.
 */
export function createHostPressure(options: HostPressureOptions = {}): HostPressure {
  const { onChange, now = () => performance.now(), heapShare = heapShareOfProcess } = options
  let samples: readonly HostSignals[] = []
  let below: Priority | undefined
  let calls = 0
  let { isOn = true } = options
  let isClosed = false
  let timer: ReturnType<typeof setTimeout> | undefined
  let dueAt = 0

  const decide = (next: Priority | undefined, signals: HostSignals): void => {
    if (next === below) return
    below = next
    onChange?.(below, signals)
  }

  const wind = (): void => {
    dueAt = now() + SAMPLE_MS
    timer = setTimeout(sample, SAMPLE_MS)
    timer.unref()
  }

  const sample = (): void => {
    timer = undefined
    if (calls === 0) {
      samples = []
      decide(undefined, CALM)
      return
    }
    const signals = { loopDelayMs: Math.max(0, now() - dueAt), heapShare: heapShare() }
    samples = [...samples, signals].slice(-SAMPLES)
    if (samples.length === SAMPLES) decide(steadied(below, samples), signals)
    wind()
  }

  return {
    begin() {
      calls++
      if (isOn && !timer && !isClosed) wind()
    },
    end() {
      calls--
    },
    shedBelow: () => below,
    signals: () => samples.at(-1) ?? CALM,
    isOn: () => isOn,
    turn(on) {
      isOn = on
      if (on) {
        if (calls > 0 && !timer && !isClosed) wind()
        return
      }
      clearTimeout(timer)
      timer = undefined
      samples = []
      decide(undefined, CALM)
    },
    close() {
      isClosed = true
      clearTimeout(timer)
      timer = undefined
      below = undefined
    },
  }
}

/** Stricter when every sample asks for it, milder when every sample allows it. */
function steadied(current: Priority | undefined, samples: readonly HostSignals[]): Priority | undefined {
  const asked = samples.map((signals) => rankOf(shedBelow(signals)))
  const atLeast = Math.max(...asked)
  const atMost = Math.min(...asked)
  const rank = rankOf(current)
  const next = Math.min(Math.max(rank, atMost), atLeast)
  return [...PRIORITIES, undefined][next]
}

/** The smaller, the stricter. */
const rankOf = (below: Priority | undefined): number =>
  below === undefined ? PRIORITIES.length : PRIORITIES.indexOf(below)

function heapShareOfProcess(): number {
  const { used_heap_size: used, heap_size_limit: limit } = getHeapStatistics()
  return limit > 0 ? used / limit : 0
}
