/** Interleaved rounds: the contenders take turns, so that a noisy neighbour disturbs all of them alike. */
import { performance } from 'node:perf_hooks'

export interface Work {
  readonly name: string
  readonly run: () => Promise<unknown>
}

export interface Row {
  readonly name: string
  /** Microseconds of this process's CPU, user and system, for one unit; a figure a round. */
  readonly cpuUs: readonly number[]
  readonly wallUs: readonly number[]
}

/** @param perRun how many units one `run()` stands for, such as the chunks of a stream. */
export async function measure(
  works: readonly Work[],
  options: { rounds: number; runs: number; perRun: number; parallel: number },
): Promise<readonly Row[]> {
  const { rounds, runs, perRun, parallel } = options
  const rows = works.map(({ name }) => ({ name, cpuUs: [] as number[], wallUs: [] as number[] }))
  for (const { run } of works) await times(2 * runs, parallel, run) // warm-up, until the code is compiled
  for (let round = 0; round < rounds; round++) {
    // The order rotates, so that nobody always runs after the same neighbour's garbage.
    for (let i = 0; i < works.length; i++) {
      const at = (i + round) % works.length
      const { run } = works[at] as Work
      globalThis.gc?.()
      const cpu = process.cpuUsage()
      const began = performance.now()
      await times(runs, parallel, run)
      const { user, system } = process.cpuUsage(cpu)
      const units = runs * perRun
      rows[at]?.cpuUs.push((user + system) / units)
      rows[at]?.wallUs.push(((performance.now() - began) * 1000) / units)
    }
  }
  return rows
}

async function times(count: number, parallel: number, run: () => Promise<unknown>): Promise<void> {
  let left = count
  await Promise.all(
    Array.from({ length: parallel }, async () => {
      while (left-- > 0) await run()
    }),
  )
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2
    ? (sorted[middle] as number)
    : ((sorted[middle - 1] as number) + (sorted[middle] as number)) / 2
}

/** Median over the rounds of the ratio within each round. */
export const ratio = (row: Row, base: Row): number =>
  median(row.cpuUs.map((us, round) => us / (base.cpuUs[round] as number)))
