/** Starts an upstream and a client as processes of their own, and ends both, whatever happens. */
import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { PlayArguments, PlayName, Plays } from './play.js'
import type { UpstreamCounts } from './upstream.js'

export interface Played<Name extends PlayName> {
  readonly result: Plays[Name]['result']
  readonly upstream: UpstreamCounts
  /** From the result to the end of the process, by itself; `null` when it had to be killed. */
  readonly exitMs: number | null
}

/** A play that takes longer is killed: nothing is left behind on the machine. */
const MOST_MS = 500_000
const EXIT_MS = 5_000

export async function runPlay<Name extends PlayName>(
  play: Omit<PlayArguments<Name>, 'port'>,
  nodeFlags: readonly string[] = [],
): Promise<Played<Name>> {
  const upstream = fork(fileURLToPath(new URL('./upstream.js', import.meta.url)))
  try {
    const port = await messageOf<number>(upstream)
    const client = fork(
      fileURLToPath(new URL('./play.js', import.meta.url)),
      [JSON.stringify({ ...play, port })],
      {
        execArgv: ['--expose-gc', '--disable-warning=ExperimentalWarning', ...nodeFlags],
        serialization: 'advanced',
      },
    )
    const limit = setTimeout(() => client.kill('SIGKILL'), MOST_MS)
    try {
      const exit = once(client, 'exit')
      const result = await messageOf<Plays[Name]['result']>(client)
      const began = performance.now()
      const exited = await Promise.race([
        exit.then(() => performance.now() - began),
        new Promise<null>((resolve) => setTimeout(resolve, EXIT_MS, null).unref()),
      ])
      upstream.send('counts')
      return { result, upstream: await messageOf<UpstreamCounts>(upstream), exitMs: exited }
    } finally {
      clearTimeout(limit)
      if (client.exitCode === null) client.kill('SIGKILL')
    }
  } finally {
    if (upstream.connected) upstream.disconnect()
  }
}

async function messageOf<T>(child: ChildProcess): Promise<T> {
  const told = once(child, 'message')
  const ended = once(child, 'exit')
  const first = (await Promise.race([told, ended.then(() => undefined)])) as [T] | undefined
  if (first) return first[0]
  throw new Error(
    `a process of the load test ended before it had a result (exit code ${child.exitCode}, ${child.signalCode})`,
  )
}
