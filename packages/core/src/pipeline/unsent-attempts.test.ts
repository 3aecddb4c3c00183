/** What budgets and limits refuse was not sent: it takes nothing of what the target takes. */
import { virtualTime } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import { callWith, candidateOf, failure } from '../../test/engine-parts.js'
import { createBudgets } from '../admission/budget.js'
import { createLimitKeeper } from '../admission/limit-keeper.js'
import { isRefusal, type Permit, type Refusal, type TargetGate } from '../attempts/permit.js'
import { createTargetGate } from '../attempts/target-gate.js'
import { budgetedGate } from './budgeted-gate.js'
import { limitedGate } from './limited-gate.js'
import type { RequestWeight } from './request-weight.js'

const a = candidateOf('a')
const MINUTE_MS = 60_000

/** A gate before a target that has named its quota: eight at once. */
async function quotaGate(time: ReturnType<typeof virtualTime>): Promise<TargetGate> {
  const gate = createTargetGate({ breaker: undefined, retryRatio: 0, random: () => 0, onChange() {} })
  const quotas = [{ what: 'requests', max: 100, windowMs: MINUTE_MS }] as const
  permitOf(gate.acquire(a)).settle('neutral', failure('rate_limited', { quotas }))
  await time.advance(20_000)
  return gate
}
function permitOf(given: Permit | Refusal): Permit {
  if (isRefusal(given)) throw new Error(given.reason)
  return given
}
const countFree = (gate: TargetGate): number => {
  let count = 0
  while (count < 1_000 && !isRefusal(gate.acquire(a))) count++
  return count
}

describe('an attempt that is not sent', () => {
  const weight: RequestWeight = {
    tokens: () => ({ input: range(10), output: range(10) }),
    answerTokens: () => 10,
    costUsd: () => null,
    least: () => ({ tokens: { input: range(10), output: range(10) }, costUsd: null }),
    task: () => ({ task: 'chat', complexity: 'simple', confidence: 0 }),
    count: () => Promise.resolve(),
    method: () => 'estimate',
  }
  const setUpBudget = (gate: TargetGate, limitTokens: number) => {
    const budgets = createBudgets({ all: { period: 'forever', limitTokens } }, { onAlert() {} })
    return {
      budgets,
      paid: budgetedGate({ gate, budgets } as never, callWith(), { route: null, candidates: [a] }, weight),
    }
  }
  const setUpLimit = (gate: TargetGate) => {
    const limits = createLimitKeeper({ all: { concurrent: 1 } })
    const limited = limitedGate({
      gate,
      limits: () => limits,
      factsOf: () => ({ route: null }),
      weightOf: () => ({ inputTokens: 10, outputTokens: 10 }),
      roughWeightOf: () => undefined,
      tellLimit() {},
    })
    return { limits, limited }
  }

  it('as a budget refuses it leaves the target its room', async () => {
    using time = virtualTime()
    const gate = await quotaGate(time)
    const { paid } = setUpBudget(gate, 19)
    for (let i = 0; i < 100; i++) expect(paid.acquire(a)).toMatchObject({ code: 'budget_exceeded' })
    expect(countFree(gate)).toBe(8)
  })

  it('as it is cancelled gives the budget back what was set aside', async () => {
    using time = virtualTime()
    const gate = await quotaGate(time)
    const { budgets, paid } = setUpBudget(gate, 20)
    for (let i = 0; i < 100; i++) permitOf(paid.acquire(a)).cancel()
    expect(budgets.counts()).toMatchObject({ reserved: 100, settled: 0, released: 100 })
    expect(countFree(gate)).toBe(8)
  })

  it('as a limit refuses it leaves the target its room', async () => {
    using time = virtualTime()
    const gate = await quotaGate(time)
    const { limits, limited } = setUpLimit(gate)
    const taken = limits.take({ route: null }, { inputTokens: 1, outputTokens: 1 }, performance.now())
    expect(taken.granted).toBe(true)
    for (let i = 0; i < 100; i++) {
      limited.hold(a)
      limited.release()
    }
    expect(countFree(gate)).toBe(8)
  })

  it('as a call ends that has held it gives all of it back', async () => {
    using time = virtualTime()
    const gate = await quotaGate(time)
    const { limits, limited } = setUpLimit(gate)
    for (let i = 0; i < 100; i++) {
      limited.hold(a)
      limited.release()
    }
    expect(limits.status(performance.now())).toMatchObject([{ used: { concurrent: 0 } }])
    expect(countFree(gate)).toBe(8)
  })
})

const range = (tokens: number) => ({ lower: tokens, expected: tokens, upper: tokens })
