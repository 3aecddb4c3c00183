import { createServer, type Server, type Socket } from 'node:net'
import { once } from 'node:events'
import buildConnector from 'undici/lib/core/connect.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createWarmSocket, type WarmSocket } from './warm-socket.js'

let server: Server
let accepted: Socket[]
let warm: WarmSocket
let origin: string
beforeEach(async () => {
  accepted = []
  server = createServer((socket) => accepted.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as { port: number }).port}`
  warm = createWarmSocket(origin, buildConnector({ timeout: 0 }) as never)
})
afterEach(() => {
  warm.close()
  for (const socket of accepted) socket.destroy()
  server.close()
})

const taken = (): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = warm.take((error, ready) => (error ? reject(error) : resolve(ready as Socket)))
    if (!socket) reject(new Error('there is none'))
  })

describe('a connection made ahead', () => {
  it('is made once and handed over once, when it is ready', async () => {
    warm.warm()
    warm.warm()
    await expect.poll(() => accepted.length).toBe(1)
    const socket = await taken()
    socket.write('hello')
    expect(String((await once(accepted[0]!, 'data'))[0])).toBe('hello')
    await expect(taken()).rejects.toThrow('there is none')
    socket.destroy()
    expect(accepted).toHaveLength(1)
  })

  it('may be taken while it still connects', async () => {
    warm.warm()
    const socket = await taken()
    expect(socket.readyState).toBe('open')
    socket.destroy()
  })

  it('is forgotten when the server closes it, and made anew when asked', async () => {
    warm.warm()
    await expect.poll(() => accepted.length).toBe(1)
    accepted[0]!.destroy()
    await expect.poll(() => warm.take(() => {}) === undefined).toBe(true)
    warm.warm()
    await expect.poll(() => accepted.length).toBe(2)
  })

  it('disturbs nobody when it cannot be made', async () => {
    server.close()
    await once(server, 'close')
    warm.warm()
    await expect.poll(() => warm.take(() => {}) === undefined).toBe(true)
  })
})
