/** A good guest: a process that has made its calls ends by itself, as soon as its own client is closed. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { hasRedisServer, startRedis } from '../../../load/redis-server.js'

// The built packages: plain Node does not read TypeScript. `npm test` builds first.
const built = new URL('../dist/index.js', import.meta.url)
const ioredis = pathToFileURL(createRequire(import.meta.url).resolve('ioredis')).href

const script = `
  import ioredis from ${JSON.stringify(ioredis)}
  import { sharedLimits } from ${JSON.stringify(built.href)}
  const redis = new ioredis.Redis(Number(process.argv[1]))
  const told = []
  const counters = sharedLimits(redis).open({ logger: { warn: (_, text) => told.push(text) } })
  const share = counters.share({ limit: 'l', per: ['all'], scope: [], windowMs: 60000,
    max: { requests: 100, inputTokens: Infinity, outputTokens: Infinity, tokens: Infinity } }, () => {})
  while (!share.fits(0, 0, performance.now())) await new Promise((resolve) => setTimeout(resolve, 5))
  share.take(0, 0, performance.now())
  console.log('taken')
  redis.disconnect()
`

const canRun = hasRedisServer && existsSync(built)

// Without a redis-server on the PATH, or before a build, there is nothing to run.
describe.skipIf(!canRun)('shared limits', () => {
  it('do not keep a process alive, closed or not', async () => {
    await using server = await startRedis()
    const args = ['--input-type=module', '-e', script, String(server.port)]
    const run = promisify(execFile)(process.execPath, args, { timeout: 20_000 })
    expect((await run).stdout).toBe('taken\n')
  }, 30_000)
})
