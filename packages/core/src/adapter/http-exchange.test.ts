import { describe, expect, it } from 'vitest'
import { GatewayError } from '../errors/gateway-error.js'
import { createExchange } from './http-exchange.js'

function setUp() {
  const calls: string[] = []
  const sink = createExchange({
    pause: () => calls.push('pause'),
    resume: () => calls.push('resume'),
    close: () => calls.push('close'),
  })
  return { ...sink, calls }
}

const KIB = 1_024
const bytes = (length: number): Uint8Array => new Uint8Array(length)
const reason = new GatewayError({ code: 'aborted', message: 'enough' })

describe('createExchange', () => {
  it('delivers everything that has come as one batch', async () => {
    const { exchange, head, data, end } = setUp()
    const waiting = exchange.read()
    head({ status: 200, headers: {} })
    data(Uint8Array.of(1))
    data(Uint8Array.of(2))
    expect(await waiting).toHaveLength(2)
    data(Uint8Array.of(3))
    end()
    expect(await exchange.read()).toHaveLength(1)
    expect(await exchange.read()).toBeUndefined()
    expect(await exchange.read()).toBeUndefined()
    expect(await exchange.head()).toEqual({ status: 200, headers: {} })
  })

  it('pauses the socket at 256 KiB that nobody reads, and goes on when they are read', async () => {
    const { exchange, data, calls } = setUp()
    data(bytes(255 * KIB))
    expect(calls).toEqual([])
    data(bytes(KIB))
    data(bytes(64 * KIB)) // was on its way
    expect(calls).toEqual(['pause'])
    expect(await exchange.read()).toHaveLength(3)
    expect(calls).toEqual(['pause'])
    await new Promise(setImmediate)
    expect(calls).toEqual(['pause', 'resume'])
  })

  it('pauses for very many small pieces as well, and joins them', async () => {
    const { exchange, data, calls } = setUp()
    for (let i = 0; i < 4_096; i++) data(Uint8Array.of(i))
    expect(calls).toEqual(['pause'])
    expect(await exchange.read()).toEqual([Buffer.from(Array.from({ length: 4_096 }, (_, i) => i))])
  })

  it('delivers what has come before it tells the error, again and again', async () => {
    const { exchange, data, fail } = setUp()
    data(Uint8Array.of(1))
    fail(reason)
    expect(await exchange.read()).toHaveLength(1)
    await expect(exchange.read()).rejects.toBe(reason)
    await expect(exchange.read()).rejects.toBe(reason)
    await expect(exchange.head()).rejects.toBe(reason)
  })

  it('destroyed, it settles whoever waits, throws away what has come and closes once', async () => {
    const { exchange, data, end, fail, calls } = setUp()
    const waiting = exchange.head()
    data(Uint8Array.of(1))
    exchange.destroy(reason)
    exchange.destroy(reason)
    await expect(waiting).rejects.toBe(reason)
    data(Uint8Array.of(2))
    end()
    fail(new GatewayError({ code: 'upstream_error', message: 'late' }))
    await expect(exchange.read()).rejects.toBe(reason)
    expect(calls).toEqual(['close'])
  })

  it('released, it waits for the end to save the connection', () => {
    const { exchange, data, end, calls } = setUp()
    for (let i = 0; i < 4; i++) data(bytes(64 * KIB))
    exchange.release()
    expect(calls).toEqual(['pause', 'resume'])
    data(bytes(64 * KIB))
    end()
    exchange.release()
    expect(calls).toEqual(['pause', 'resume'])
  })

  it('released, it closes when more than 64 KiB follow', () => {
    const { exchange, data, calls } = setUp()
    exchange.release()
    data(bytes(64 * KIB))
    expect(calls).toEqual([])
    data(bytes(1))
    expect(calls).toEqual(['close'])
  })

  it('leaves nothing unhandled when nobody waits', async () => {
    const unhandled: unknown[] = []
    const listen = (error: unknown): unknown => unhandled.push(error)
    process.on('unhandledRejection', listen)
    const { fail } = setUp()
    fail(reason)
    await new Promise(setImmediate)
    process.off('unhandledRejection', listen)
    expect(unhandled).toEqual([])
  })
})
