import { createGateway, GatewayError, type Adapter, type ReloadOptions } from '@turnout/core'
import { openai } from '@turnout/openai'
import { mockAdapter } from '@turnout/testing'
import { openaiEmulator } from '@turnout/testing/emulators'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { ConfigListener, ConfigSource } from './config-source.js'
import { followConfig } from './follow-config.js'
import type { ReadOptions } from './gateway-config.js'
import { parseConfig } from './parse-config.js'
import { storeSource } from './store-source.js'

const messages = [{ role: 'user', content: 'Hello' }] as const
const ask = { model: 'r', messages } as const

/** A source whose document a test writes. */
async function written(first: string, options: ReadOptions) {
  const store = { value: first, get: async (_key: string): Promise<unknown> => store.value }
  const source = await storeSource(store, 'x', { ...options, pollMs: 1_000_000 })
  const write = async (text: string): Promise<void> => {
    store.value = text
    await source.refresh()
  }
  return { source, write }
}

/** Adapters that say who they are and count how often they were closed. */
function named() {
  const closed: string[] = []
  let count = 0
  const factory =
    (name: string) =>
    ({ wait = 0 }: { readonly wait?: number } = {}): Adapter => {
      const id = `${name} ${++count}`
      const adapter = mockAdapter({ text: id, headersDelayMs: wait }, { name })
      return Object.assign(adapter, { close: async () => void closed.push(id) })
    }
  return { closed, adapters: { a: factory('a'), b: factory('b') } }
}
const documentOf = (providers: string, target: string, more = ''): string =>
  `version: 1\nproviders: { ${providers} }\nroutes: { r: [${target}] }\n${more}`

const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve))

afterEach(() => {
  vi.restoreAllMocks()
})

describe('a gateway that follows a document', { timeout: 60_000 }, () => {
  it('begins calls on the new one and ends those that run on the old one', async () => {
    const { adapters, closed } = named()
    const { source, write } = await written(documentOf('x: { adapter: a, options: { wait: 20 } }', 'x/m'), {
      adapters,
    })
    const gateway = createGateway(source.current())
    const reloaded: unknown[] = []
    followConfig(gateway, source, { onReload: (config) => void reloaded.push(config.routes['r']) })
    const running = gateway.chat(ask)
    const stream = gateway.stream(ask)
    await settled()
    await write(documentOf('y: { adapter: b }', 'y/m'))
    expect((await gateway.chat(ask)).choices[0]?.message.content).toBe('b 2')
    expect(closed).toEqual([])
    expect((await running).choices[0]?.message.content).toBe('a 1')
    expect((await stream.final()).gateway.provider).toBe('x')
    await settled()
    expect(closed).toEqual(['a 1'])
    expect(reloaded).toEqual([['y/m']])
    await gateway.close()
    expect(closed).toEqual(['a 1', 'b 2'])
    await source.close()
  })

  it('keeps adapters open that stay the same, and takes away what the document has no more', async () => {
    const { adapters, closed } = named()
    const providers = 'x: { adapter: a }'
    const budget = 'budgets: { none: { period: forever, limitTokens: 1 } }\nlimits: { l: { requests: 1 } }'
    const { source, write } = await written(documentOf(providers, 'x/m', budget), { adapters })
    const gateway = createGateway(source.current())
    followConfig(gateway, source)
    await expect(gateway.chat(ask)).rejects.toMatchObject({ code: 'budget_exceeded' })
    await write(documentOf(providers, 'x/other'))
    const { choices, gateway: meta } = await gateway.chat(ask)
    expect([choices[0]?.message.content, meta.model]).toEqual(['a 1', 'other'])
    expect(gateway.budgets()).toEqual([])
    expect(closed).toEqual([])
    await gateway.close()
    await source.close()
  })

  it('changes the queue, takes it away again, and leaves one alone that it never had', async () => {
    const { adapters } = named()
    const limits = 'limits: { all: { requests: 1 } }'
    const { source, write } = await written(documentOf('x: { adapter: a }', 'x/m', limits), { adapters })
    const gateway = createGateway({ ...source.current(), queue: { maxEntries: 0 } })
    followConfig(gateway, source)
    await gateway.chat(ask)
    const codeOf = async () =>
      gateway.chat(ask).then(
        () => 'ok',
        ({ code }: { code: string }) => code,
      )
    await write(documentOf('x: { adapter: a }', 'x/m2', limits))
    expect(await codeOf()).toBe('rate_limited')
    await write(documentOf('x: { adapter: a }', 'x/m', `${limits}\nqueue: { maxWaitMs: 1 }`))
    expect(await codeOf()).toBe('queue_full')
    await write(documentOf('x: { adapter: a }', 'x/m', `${limits}\nqueue: { maxEntries: 0 }`))
    expect(await codeOf()).toBe('rate_limited')
    await write(documentOf('x: { adapter: a }', 'x/m', limits))
    const waiting = codeOf()
    await settled()
    expect(gateway.queue().waiting.normal).toBe(1)
    await gateway.close()
    expect(await waiting).toBe('closed')
    await source.close()
  })

  it('changes prices, limits and defaults without code', async () => {
    const { adapters } = named()
    const document = (price: number) =>
      documentOf(
        'x: { adapter: a, defaults: { temperature: 0.5 } }',
        'x/m',
        `catalog: { a/m: { price: { inputUsd: ${price}, outputUsd: ${price} } } }\ndefaults: { maxAttempts: 2 }`,
      )
    const { source, write } = await written(document(1_000), { adapters })
    const gateway = createGateway(source.current())
    followConfig(gateway, source)
    const first = await gateway.chat(ask)
    await write(document(2_000))
    const second = await gateway.chat(ask)
    expect(first.gateway.costUsd).toBeGreaterThan(0)
    expect(second.gateway.costUsd).toBeCloseTo((first.gateway.costUsd ?? 0) * 2, 9)
    await gateway.close()
    await source.close()
  })

  it('goes on as it was when the document is wrong', async () => {
    const { adapters } = named()
    const { source, write } = await written(documentOf('x: { adapter: a }', 'x/m'), { adapters })
    const faults: string[] = []
    source.subscribe({ onError: ({ message }) => void faults.push(message) })
    const gateway = createGateway(source.current())
    followConfig(gateway, source)
    await write(documentOf('x: { adapter: a }', 'z/m'))
    expect(faults).toEqual([
      expect.stringMatching(/^x:3:15: routes\.r\.targets\[0\]: provider "z" is not configured/),
    ])
    expect((await gateway.chat(ask)).choices[0]?.message.content).toBe('a 1')
    await gateway.close()
    await source.close()
  })

  it('serves a thousand calls while the document changes a hundred times', async () => {
    const { adapters } = named()
    const providers = 'x: { adapter: a }, y: { adapter: b }'
    const { source, write } = await written(documentOf(providers, 'x/m'), { adapters })
    const gateway = createGateway(source.current())
    followConfig(gateway, source)
    const calls: Promise<string>[] = []
    for (let change = 0; change < 100; change++) {
      const wanted = change % 2 === 0 ? 'x' : 'y'
      // oxlint-disable-next-line no-await-in-loop -- one after the other
      await write(documentOf(providers, `${wanted}/m${change}`))
      for (let i = 0; i < 10; i++)
        calls.push(
          gateway
            .chat(ask)
            .then(({ gateway: { provider, model } }) =>
              provider === wanted && model === `m${change}` ? 'right' : 'wrong',
            ),
        )
    }
    expect(new Set(await Promise.all(calls))).toEqual(new Set(['right']))
    expect(calls).toHaveLength(1_000)
    await gateway.close()
    await source.close()
  })
})

describe('following', () => {
  /** A source without anything behind it. */
  async function bare() {
    const { adapters } = named()
    const config = await parseConfig(documentOf('x: { adapter: a }', 'x/m'), { adapters })
    const listeners = new Set<ConfigListener>()
    const source: ConfigSource = {
      current: () => config,
      subscribe(listener) {
        listeners.add(listener)
        return () => void listeners.delete(listener)
      },
      refresh: async () => {},
      close: async () => {},
    }
    const change = (): void => {
      for (const { onChange } of listeners) onChange?.(config)
    }
    return { config, source, listeners, change }
  }

  it('begins with what the source has, and ends when it is told to', async () => {
    const { source, change, config, listeners } = await bare()
    const reload = vi.fn<(changes: ReloadOptions) => void>()
    const stop = followConfig({ reload }, source)
    change()
    expect(reload.mock.calls).toEqual([[config], [config]])
    stop()
    change()
    expect(reload).toHaveBeenCalledTimes(2)
    expect(listeners.size).toBe(0)
  })

  it('ends with the gateway', async () => {
    const { source, change, config, listeners } = await bare()
    const gateway = createGateway(config)
    followConfig(gateway, source)
    await gateway.close()
    change()
    expect(listeners.size).toBe(0)
  })

  it('adds what the program knows', async () => {
    const { source, config } = await bare()
    const gateway = createGateway(config)
    const catalog = { find: () => ({ price: { inputUsd: 7, outputUsd: 7 } }) }
    followConfig(gateway, source, { adjust: (given) => ({ ...given, catalog: [given.catalog, catalog] }) })
    expect((await gateway.chat(ask)).gateway.costUsd).toBeGreaterThan(0)
    await gateway.close()
  })

  it('tells when the gateway refuses', async () => {
    const { source, change } = await bare()
    const refuse = (error: unknown) => () => {
      throw error
    }
    const reload = vi.fn<(changes: ReloadOptions) => void>()
    const faults: GatewayError[] = []
    followConfig({ reload }, source, { onError: (error) => void faults.push(error) })
    reload.mockImplementationOnce(refuse(new GatewayError({ code: 'invalid_request', message: 'no' })))
    change()
    reload.mockImplementationOnce(refuse(new TypeError('adjusted badly')))
    change()
    expect(faults.map(({ message }) => message)).toEqual(['no', 'adjust: threw an error'])
    const warned: unknown[] = []
    vi.spyOn(process, 'emitWarning').mockImplementation((warning) => void warned.push(warning))
    followConfig({ reload }, source)
    reload.mockImplementation(refuse(new GatewayError({ code: 'invalid_request', message: 'never' })))
    change()
    expect(warned).toHaveLength(1)
    expect(() => followConfig({ reload }, source)).toThrow('never')
  })
})

describe('a document with a real adapter', () => {
  it('reaches the provider with the key behind the reference, also after rotation', async () => {
    const server = await openaiEmulator({ replies: 'Served.' })
    let key = 'key-one'
    const config = await parseConfig(
      `version: 1
providers:
  main:
    adapter: openai
    apiKey: secret:prod/openai
    baseURL: env:LLM_URL
    headers: { x-team: search }
    models: [house-model]
    options: { api: chat, project: p1 }
    defaults: { temperature: 0.2 }
routes:
  fast: { targets: [main/house-model], timeout: { totalMs: 10000 } }
`,
      { adapters: { openai }, env: { LLM_URL: server.baseURL }, resolveSecret: async () => key },
    )
    const gateway = createGateway(config)
    const answer = await gateway.chat({ model: 'fast', messages })
    key = 'key-two'
    await gateway.chat({ model: 'fast', messages })
    await gateway.close()
    expect(answer.choices[0]?.message.content).toBe('Served.')
    expect(server.requests.map(({ apiKey }) => apiKey)).toEqual(['key-one', 'key-two'])
    expect(server.requests[0]).toMatchObject({
      headers: { 'x-team': 'search', 'openai-project': 'p1' },
      body: { model: 'house-model', temperature: 0.2 },
    })
    await server.close()
  })

  it('is told of bad options with their line', async () => {
    const read = (provider: string) =>
      parseConfig(`version: 1\nproviders:\n  main: { adapter: openai, ${provider} }`, {
        adapters: { openai },
      })
    await expect(read('baseURL: nowhere')).rejects.toThrow(
      /^config:3:37: providers\.main\.baseURL: openai: baseURL must be/,
    )
    await expect(read('headers: { "a b": c }')).rejects.toThrow(
      /^config:3:39: providers\.main\.headers\.a b: /,
    )
    await expect(read('options: { base_url: x }')).rejects.toThrow(
      /^config:3:39: .*options\.base_url: base_url is no option: it is spelt/,
    )
  })
})
