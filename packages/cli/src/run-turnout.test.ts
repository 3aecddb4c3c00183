import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { createKeys } from '@turnout/http'
import { openaiEmulator } from '@turnout/testing/emulators'
import { runTurnout } from './run-turnout.js'

// Sockets and processes on a machine that may be busy.
vi.setConfig({ testTimeout: 20_000 })

const closers: (() => unknown)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

interface Run {
  readonly code: Promise<number>
  readonly out: string[]
  readonly err: string[]
  stop(signal?: string): void
  /** Where it serves. */
  url(): Promise<string>
}

function run(args: readonly string[], env: Record<string, string> = {}): Run {
  const out: string[] = []
  const err: string[] = []
  const listeners = new Set<(signal: string) => void>()
  const code = runTurnout(args, {
    print: (line) => void out.push(line),
    complain: (line) => void err.push(line),
    env,
    onStop(callback) {
      listeners.add(callback)
      return () => listeners.delete(callback)
    },
  })
  const stop = (signal = 'SIGTERM'): void => {
    for (const listener of listeners) listener(signal)
  }
  closers.push(async () => {
    stop()
    await code
  })
  const found = (): string | undefined => /serving (http\S+)/.exec(out.join('\n'))?.[1]
  return {
    code,
    out,
    err,
    stop,
    async url() {
      await expect.poll(found, { timeout: 10_000 }).toBeDefined()
      return found() ?? ''
    },
  }
}

async function fileWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'turnout-cli-'))
  closers.push(() => rm(folder, { recursive: true }))
  const path = join(folder, 'turnout.yaml')
  await writeFile(path, text)
  return path
}

const config = (server: string): string => `version: 1
providers:
  openai: { adapter: openai, apiKey: env:OPENAI_API_KEY, baseURL: env:OPENAI_URL }
routes:
  fast: [openai/gpt-4.1-mini]
${server}`

async function withEmulator(): Promise<Record<string, string>> {
  const emulator = await openaiEmulator({ replies: 'Hello.' })
  closers.push(() => emulator.close())
  return { OPENAI_API_KEY: 'any', OPENAI_URL: emulator.baseURL }
}

const chat = (url: string, key?: string): Promise<Response> =>
  fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { 'x-api-key': key }) },
    body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }),
  })

describe('turnout', () => {
  it.each([
    [[], 'what to do'],
    [['serv'], 'there is no command "serv"'],
    [['serve'], 'serve takes one configuration'],
    [['serve', 'a.yaml', 'b.yaml'], 'serve takes one configuration'],
    [['serve', 'a.yaml', '--port', '99999'], '--port: must be a number'],
    [['serve', 'a.yaml', '--prot', '1'], "Unknown option '--prot'"],
    [['keys'], 'turnout keys new [<id>]'],
    [['keys', 'old'], 'there is no command "keys old"'],
    [['keys', 'new', '--port', '1'], '--port and --host belong to turnout serve'],
    [['keys', 'new', 'a b'], 'the id of a key must be'],
    [['serve', 'no-such-file.yaml'], 'there is no such file'],
  ])('ends with 2 and says what is wrong: %j', async (args, message) => {
    const { code, out, err } = run(args)
    expect(await code).toBe(2)
    expect(out).toEqual([])
    expect(err).toHaveLength(1)
    expect(err[0]).toContain(message)
  })

  it('explains itself', async () => {
    const help = run(['--help'])
    expect(await help.code).toBe(0)
    expect(help.out.join('\n')).toContain('turnout serve <config>')
    const version = run(['--version'])
    expect(await version.code).toBe(0)
    expect(version.out[0]).toMatch(/^\d+\.\d+\.\d+/)
  })

  it('makes keys that a configuration takes', async () => {
    const { code, out, err } = run(['keys', 'new', 'ci'])
    expect(await code).toBe(0)
    expect(out).toHaveLength(1)
    const [key = ''] = out
    expect(key).toMatch(/^tk_[\w-]{43}$/)
    expect(err.join('\n')).not.toContain(key)
    const sha256 = /id: ci, sha256: (\w+)/.exec(err.join('\n'))?.[1] ?? ''
    expect(createKeys([{ id: 'ci', sha256 }]).find(sha256)?.id).toBe('ci')
  })

  it('serves what a file describes, until it is told to stop', async () => {
    const path = await fileWith(config(''))
    const { code, out, err, url, stop } = run(['serve', path, '--port', '0'], await withEmulator())
    const response = await chat(await url())
    expect(response.status).toBe(200)
    stop()
    expect(await code).toBe(0)
    expect(out).toEqual([
      `turnout: serving ${await url()} (1 provider, 1 route, without keys)`,
      'turnout: stopping (SIGTERM)',
      'turnout: stopped',
    ])
    expect(err).toEqual([])
    await expect(chat(await url())).rejects.toThrow('fetch failed')
  })

  it('tells its operator which calls fail, and why', async () => {
    const emulator = await openaiEmulator({ replies: { error: 'authentication' } })
    closers.push(() => emulator.close())
    const path = await fileWith(config(''))
    const env = { OPENAI_API_KEY: 'sk-very-secret', OPENAI_URL: emulator.baseURL }
    const { err, url } = run(['serve', path, '--port', '0'], env)
    expect((await chat(await url())).status).toBe(502)
    expect(err).toHaveLength(1)
    expect(err[0]).toMatch(
      /^turnout: a call failed: authentication \(openai\/gpt-4\.1-mini, status 401, req_\w+\): /,
    )
    expect(err[0]).not.toContain('very-secret')
  })

  it.each([
    ['server: { prot: 1 }', /turnout\.yaml:6:11: server\.prot: is no option of the server/],
    ['server: { port: "80" }', /server\.port: must be a number/],
    ['server: { keys: [{ id: a, sha256: x }] }', /server\.keys\[0\]\.sha256: must be the SHA-256/],
    ['server: { host: 0.0.0.0 }', /host: others can reach 0\.0\.0\.0: give keys/],
    ['routes: {}', /turnout\.yaml:6:1/],
  ])('ends with 2 for a file with a fault: %s', async (server, message) => {
    const path = await fileWith(config(server))
    const { code, err } = run(['serve', path], {
      OPENAI_API_KEY: 'sk-very-secret',
      OPENAI_URL: 'http://127.0.0.1:9',
    })
    expect(await code).toBe(2)
    expect(err.join('\n')).toMatch(message)
    expect(err.join('\n')).not.toContain('very-secret')
  })

  it('ends with 1 when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await once(other, 'listening')
    closers.push(() => other.close())
    const path = await fileWith(config(''))
    const { code, err } = run(
      ['serve', path, '--port', String((other.address() as AddressInfo).port)],
      await withEmulator(),
    )
    expect(await code).toBe(1)
    expect(err[0]).toContain('EADDRINUSE')
  })

  it('says which changes of its file a running server does not take over', async () => {
    const path = await fileWith(config('server: { port: 0, detail: brief }'))
    const { err, url } = run(['serve', path], await withEmulator())
    await url()
    await writeFile(path, config('server: { port: 1, detail: brief }'))
    await expect
      .poll(() => err, { timeout: 10_000 })
      .toEqual(['turnout: server.port: holds only from a new start of the server on'])
  })

  it('follows its file: a key that is no longer listed is refused', async () => {
    const made = run(['keys', 'new', 'ci'])
    await made.code
    const [key = ''] = made.out
    const sha256 = /id: ci, sha256: (\w+)/.exec(made.err.join('\n'))?.[1] ?? ''
    const path = await fileWith(config(`server: { keys: [{ id: ci, sha256: ${sha256} }] }`))
    const { out, err, url } = run(['serve', path, '--port', '0'], await withEmulator())
    expect((await chat(await url(), key)).status).toBe(200)
    await writeFile(path, config(`server: { keys: [{ id: ci, sha256: ${sha256}, models: [other] }] }`))
    await expect.poll(() => out.at(-1), { timeout: 10_000 }).toContain('read again')
    expect([403, 404]).toContain((await chat(await url(), key)).status)
    await writeFile(path, config('server: { keys: nonsense }'))
    await expect.poll(() => err.at(-1), { timeout: 10_000 }).toContain('the configuration stays as it was')
    await writeFile(path, config(''))
    await expect
      .poll(() => out.filter((line) => line.includes('read again')).length, { timeout: 10_000 })
      .toBe(2)
    expect((await chat(await url(), key)).status).toBe(401)
  })
})
