/** Tells what the gateway does: attempts as they happen, and a table at the end. */
import type { AttemptRecord, ChatResponse, Gateway } from '@turnout/core'
import { begin, paint, print, printTable } from './terminal.js'

/** Prints every attempt of the running request. The line stays open until the attempt's fate is known. */
export function showAttempts(gateway: Gateway): { answering(): void } {
  let isOpen = false
  const finish = (text: string): void => {
    if (isOpen) print(text)
    isOpen = false
  }
  gateway.on('attempt-start', ({ kind, provider, model }) => {
    isOpen = true
    begin(`  ${kind.padEnd(8)}  ${`${provider}/${model}`.padEnd(34)}  `)
  })
  gateway.on('attempt-end', ({ attempt }) => {
    if (attempt.outcome !== 'error') return
    finish(paint('red', `✗ ${failure(attempt)}, after ${ms(attempt.durationMs)}`))
  })
  return { answering: () => finish(paint('green', '✓ answers')) }
}

/** One line for each request, at most 80 columns wide. */
export function printReport(
  answers: readonly { readonly alias: string; readonly answer: ChatResponse }[],
): void {
  const columns = [
    { title: 'alias' },
    { title: 'answered by' },
    { title: 'attempts' },
    { title: 'tokens', right: true },
    { title: 'time', right: true },
    { title: 'cost', right: true },
  ]
  const rows = answers.map(({ alias, answer: { usage, gateway } }) => [
    alias,
    `${gateway.provider}/${gateway.model}`,
    countAttempts(gateway.attempts),
    `${usage.prompt_tokens} + ${usage.completion_tokens}`,
    ms(gateway.trace.durationMs),
    usd(gateway.costUsd),
  ])
  printTable(columns, rows)
}

/** `unknown` when a price is: never 0. */
export const usd = (cost: number | null): string => (cost === null ? 'unknown' : `$${cost.toFixed(4)}`)

export const sumOfCosts = (answers: readonly { readonly answer: ChatResponse }[]): number | null =>
  answers.reduce<number | null>((sum, { answer: { gateway } }) => {
    return sum === null || gateway.costUsd === null ? null : sum + gateway.costUsd
  }, 0)

function countAttempts(attempts: readonly AttemptRecord[]): string {
  const failed = attempts.filter(({ outcome }) => outcome === 'error').length
  return failed === 0 ? String(attempts.length) : `${attempts.length}, ${failed} failed`
}

const failure = ({ status, error }: AttemptRecord): string => `${status ?? ''} ${error?.code ?? ''}`.trim()
const ms = (duration: number): string =>
  duration < 1_000 ? `${Math.round(duration)} ms` : `${(duration / 1_000).toFixed(1)} s`
