import { HEALTH_WINDOW_MS } from './health-window.js'

/** Counts how attempts went over the last window, exact to a tenth of it. */
export interface OutcomeWindow {
  note(outcome: 'ok' | 'error', nowMs: number): void
  read(nowMs: number): { readonly requests: number; readonly errors: number }
}

const SLOTS = 10

/** A ring of ten slots; whoever comes by empties the ones that have grown old. */
export function createOutcomeWindow(windowMs: number = HEALTH_WINDOW_MS): OutcomeWindow {
  const slotMs = windowMs / SLOTS
  const requests = new Uint32Array(SLOTS)
  const errors = new Uint32Array(SLOTS)
  let current = 0
  let currentSince: number | undefined

  const turn = (nowMs: number): void => {
    currentSince ??= nowMs
    const due = Math.floor((nowMs - currentSince) / slotMs)
    if (due < 1) return
    currentSince += due * slotMs
    for (let left = Math.min(due, SLOTS); left > 0; left--) {
      current = (current + 1) % SLOTS
      requests[current] = 0
      errors[current] = 0
    }
  }
  const sum = (counts: Uint32Array): number => counts.reduce((total, one) => total + one, 0)

  return {
    note(outcome, nowMs) {
      turn(nowMs)
      requests[current] = (requests[current] as number) + 1
      if (outcome === 'error') errors[current] = (errors[current] as number) + 1
    },
    read(nowMs) {
      turn(nowMs)
      return { requests: sum(requests), errors: sum(errors) }
    },
  }
}
