/** What only real sockets can show: aborts that reach them, processes that are let go, keys that stay home. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { openai } from '@turnout/openai'
import { openaiEmulator, type Emulator } from '@turnout/testing/emulators'
import { afterEach, describe, expect, it } from 'vitest'
import { createGateway, isGatewayError, type GatewayError } from '../src/index.js'

const messages = [{ role: 'user', content: 'Hello?' }] as const
const open: { close(): Promise<unknown> }[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()))
})

const started = <T extends { close(): Promise<unknown> }>(one: T): T => {
  open.push(one)
  return one
}
const gatewayTo = (server: Emulator) =>
  started(
    createGateway({
      providers: { openai: openai({ apiKey: 'sk-test-0123456789', baseURL: server.baseURL, api: 'chat' }) },
    }),
  )
const failure = (promise: Promise<unknown>): Promise<GatewayError> =>
  promise.then(
    () => {
      throw new Error('it did not fail')
    },
    (error: unknown) => {
      if (isGatewayError(error)) return error
      throw error
    },
  )
/** Milliseconds until the server sees that the client has gone. */
const closedAfter = async (server: Emulator, act: () => void): Promise<number> => {
  const request = await server.received(1)
  const began = performance.now()
  act()
  await request.settled
  expect(request.outcome).toBe('aborted')
  return performance.now() - began
}
/** The promise is 100 ms; a machine under load gets the benefit of the doubt, a socket that lingers does not. */
const PROMPTLY_MS = 1_000

describe('an abort reaches the socket', () => {
  it('while the headers are awaited', async () => {
    const server = started(await openaiEmulator({ replies: { fault: 'silence' } }))
    const controller = new AbortController()
    const call = failure(
      gatewayTo(server).chat({ model: 'openai/gpt-4.1', messages }, { signal: controller.signal }),
    )
    expect(
      await closedAfter(server, () => {
        controller.abort()
      }),
    ).toBeLessThan(PROMPTLY_MS)
    expect((await call).code).toBe('aborted')
  })

  it('in the middle of a stream', async () => {
    const server = started(
      await openaiEmulator({ replies: { text: 'one two three four', stall: { afterChunks: 2 } } }),
    )
    const controller = new AbortController()
    const stream = gatewayTo(server).stream(
      { model: 'openai/gpt-4.1', messages },
      { signal: controller.signal },
    )
    await stream.next()
    expect(
      await closedAfter(server, () => {
        controller.abort()
      }),
    ).toBeLessThan(PROMPTLY_MS)
    const error = await failure(stream.final())
    expect(error.code).toBe('aborted')
    expect(error.partial).toMatchObject({
      choices: [{ message: { content: expect.stringContaining('one') } }],
    })
  })

  it('by breaking out of for await', async () => {
    const server = started(
      await openaiEmulator({ replies: { text: 'one two three four', stall: { afterChunks: 2 } } }),
    )
    const gateway = gatewayTo(server)
    const reading = (async () => {
      for await (const chunk of gateway.stream({ model: 'openai/gpt-4.1', messages }))
        if (chunk.choices[0]?.delta.content) break
    })()
    expect(await closedAfter(server, () => {})).toBeLessThan(PROMPTLY_MS)
    await reading
  })

  it('by close()', async () => {
    const server = started(await openaiEmulator({ replies: { fault: 'headers-only' } }))
    const gateway = gatewayTo(server)
    const call = failure(gateway.chat({ model: 'openai/gpt-4.1', messages }))
    expect(
      await closedAfter(server, () => {
        void gateway.close({ drainMs: 0 })
      }),
    ).toBeLessThan(PROMPTLY_MS)
    expect((await call).code).toBe('closed')
  })
})

describe('a good guest', () => {
  it('keeps no process alive once its calls are done', async () => {
    const server = started(await openaiEmulator())
    const script = `
      import { createGateway } from ${JSON.stringify(fileURLToPath(new URL('../dist/index.js', import.meta.url)))}
      import { openai } from ${JSON.stringify(fileURLToPath(new URL('../../openai/dist/index.js', import.meta.url)))}
      const gateway = createGateway({ providers: { openai: openai({ apiKey: 'k', baseURL: ${JSON.stringify(server.baseURL)}, api: 'chat' }) } })
      await gateway.chat({ model: 'openai/gpt-4.1', messages: [{ role: 'user', content: 'Hi' }] })
      await gateway.stream({ model: 'openai/gpt-4.1', messages: [{ role: 'user', content: 'Hi' }] }).final()
      console.log('done') // the gateway is idle now, and not closed`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
    child.stderr.on('data', (bytes: Buffer) => {
      output += bytes.toString()
    })
    const deadline = setTimeout(() => child.kill('SIGKILL'), 20_000)
    const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
    clearTimeout(deadline)
    expect({ output: output.trim(), code, signal }).toEqual({ output: 'done', code: 0, signal: null })
  })

  it("leaves the host's own fetch alone", async () => {
    const dispatcher = Symbol.for('undici.globalDispatcher.1')
    const before = (globalThis as Record<symbol, unknown>)[dispatcher]
    const server = started(await openaiEmulator())
    await gatewayTo(server).chat({ model: 'openai/gpt-4.1', messages })
    expect((globalThis as Record<symbol, unknown>)[dispatcher]).toBe(before)
  })

  it('reuses a connection for the next call, streams included', async () => {
    const ports = new Set<number | undefined>()
    const server = createServer((request, response) => {
      ports.add(request.socket.remotePort)
      request.resume().on('end', () => {
        response.setHeader('content-type', 'text/event-stream')
        response.end(
          'data: {"id":"a","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"x"},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n',
        )
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const gateway = createGateway({
      providers: {
        openai: openai({
          apiKey: 'k',
          api: 'chat',
          baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
        }),
      },
    })
    for (let i = 0; i < 5; i++)
      expect(await gateway.stream({ model: 'openai/gpt-4.1', messages }).text()).toBe('x')
    expect(ports.size).toBe(1)
    await gateway.close()
    server.close()
  })
})

describe('a key', () => {
  it('appears in no error, whatever the provider says of it', async () => {
    const server = started(await openaiEmulator({ apiKeys: ['another'] }))
    const error = await failure(gatewayTo(server).chat({ model: 'openai/gpt-4.1', messages }))
    const { inspect } = await import('node:util')
    for (const shown of [
      error.message,
      JSON.stringify(error),
      inspect(error, { depth: 9, showHidden: true }),
      String(error.stack),
    ]) {
      expect(shown).not.toContain('sk-test-0123456789')
      expect(shown).not.toContain('Hello?')
    }
    expect(error).toMatchObject({ code: 'authentication', status: 401, retryable: false })
  })

  it('is asked for before each attempt when it is a function, and its failure is told', async () => {
    const server = started(await openaiEmulator({ apiKeys: ['second'] }))
    const keys = ['first', 'second']
    const adapter = openai({
      apiKey: async () => keys.shift() ?? 'third',
      baseURL: server.baseURL,
      api: 'chat',
    })
    const gateway = started(createGateway({ providers: { openai: adapter } }))
    expect((await failure(gateway.chat({ model: 'openai/gpt-4.1', messages }))).code).toBe('authentication')
    expect((await gateway.chat({ model: 'openai/gpt-4.1', messages })).choices).toHaveLength(1)
  })
})
