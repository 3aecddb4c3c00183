/** A process that is killed while its calls fail: every letter that was kept is there, once, and whole. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, expect, it } from 'vitest'
import { sqliteDeadLetters } from '../src/index.js'
import { engines } from './engines.js'

// The built packages: plain Node does not read TypeScript. `npm test` builds first.
const built = (name: string): URL => new URL(`../../${name}/dist/index.js`, import.meta.url)
const isBuilt = ['sqlite', 'core', 'testing'].every((name) => existsSync(built(name)))

/** Calls that fail for ever, eight at a time; says which letters are in the file. */
const script = `
  import { createGateway } from ${JSON.stringify(built('core').href)}
  import { mockAdapter } from ${JSON.stringify(built('testing').href)}
  import { sqliteDeadLetters } from ${JSON.stringify(built('sqlite').href)}
  const [path, engine, round] = process.argv.slice(1)
  const letters = sqliteDeadLetters({ path, engine, maxEntries: 100000 })
  const store = { ...letters, add: (letter) => letters.add(letter).then(() => console.log(letter.requestId)) }
  const gateway = createGateway({
    providers: { x: mockAdapter({ error: 'upstream_error' }) },
    routes: { kept: { targets: ['x/m'], deadLetter: true, maxAttempts: 1 } },
    breaker: false,
    deadLetters: { store },
  })
  const messages = [{ role: 'user', content: 'x'.repeat(2000) }]
  const call = async (id) => gateway.chat({ model: 'kept', messages }, { requestId: id }).catch(() => {})
  for (let count = 0; ; count += 8) {
    await Promise.all([0, 1, 2, 3, 4, 5, 6, 7].map((i) => call(round + '-' + (count + i))))
    if (count % 64 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
`

describe.each(engines)('%s', (engine) => {
  it.skipIf(!isBuilt)(
    'keeps every letter that it said it kept, over kill -9',
    async () => {
      const folder = mkdtempSync(join(tmpdir(), 'turnout-kill-'))
      const path = join(folder, 'letters.db')
      const told: string[] = []
      for (let round = 0; round < 3; round++) {
        const child = spawn(
          process.execPath,
          ['--input-type=module', '-e', script, path, engine, String(round)],
          { stdio: ['ignore', 'pipe', 'inherit'] },
        )
        let lines = 0
        const ended = once(child, 'exit')
        for await (const line of createInterface(child.stdout)) {
          told.push(line)
          if (++lines === 100 * (round + 1)) child.kill('SIGKILL')
        }
        expect(await ended).toEqual([null, 'SIGKILL'])
      }
      const store = sqliteDeadLetters({ path, engine })
      const letters = await store.list({ limit: 1_000_000 })
      await store.close()
      rmSync(folder, { recursive: true })
      const ids = letters.map(({ requestId }) => requestId)
      const kept = new Set(ids)
      expect(told.length).toBeGreaterThanOrEqual(600)
      expect(told.filter((id) => !kept.has(id))).toEqual([])
      expect(ids).toHaveLength(kept.size)
      expect(letters.every(({ request }) => JSON.stringify(request).includes('x'.repeat(2_000)))).toBe(true)
    },
    60_000,
  )
})
