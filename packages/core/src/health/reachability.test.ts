import { expect, it } from 'vitest'
import type { HealthCheck } from '../contract/target-health.js'
import { createReachability } from './reachability.js'

const check = (reachable: boolean): HealthCheck => ({ reachable, at: new Date(0), durationMs: 1 })

/** `+` and `-`: a check that gets through or does not; `a`: an attempt is answered. */
it.each([
  ['', true],
  ['-', true],
  ['--', false],
  ['-+-', true],
  ['--+', true],
  ['--+-', true],
  ['--a', true],
  ['-a-', true],
  ['-a--', true],
  ['-a---', false],
  ['a--', false],
])('after "%s" reachable is %s', (steps, expected) => {
  const reachability = createReachability()
  for (const step of steps) {
    if (step === 'a') reachability.noteAnswer('p')
    else reachability.noteCheck('p', check(step === '+'))
  }
  expect(reachability.isReachable('p')).toBe(expected)
  expect(reachability.isReachable('other')).toBe(true)
})

it('keeps the last check', () => {
  const reachability = createReachability()
  expect(reachability.lastCheck('p')).toBeUndefined()
  reachability.noteCheck('p', check(true))
  const last = check(false)
  reachability.noteCheck('p', last)
  expect(reachability.lastCheck('p')).toBe(last)
})
