/** The connections to one origin, one request at a time on each, the last used taken first. */
import type { Socket } from 'node:net'
import type { Client as UndiciClient } from 'undici'
import buildConnector from 'undici/lib/core/connect.js'
import Client from 'undici/lib/dispatcher/client.js'
import { createWarmSocket } from './warm-socket.js'

/** One connection, made when it is first used and made anew by undici when it was closed in between. */
export interface Connection {
  readonly client: UndiciClient
  /** The socket has served before, so the peer may close it while the next request is on its way. */
  readonly reused: boolean
}

export interface ConnectionPool {
  /** Connects ahead of the next request, unless a connection is there already. */
  warm(): void
  /** @param fresh no connection that has served before */
  take(fresh: boolean): Connection
  giveBack(connection: Connection): void
  /** Closes it at once, also in the middle of connecting. */
  drop(connection: Connection, reason: Error): void
  /** Closes it unless another request has taken it meanwhile. */
  dropIdle(connection: Connection, reason: Error): void
  close(): Promise<void>
}

/** How long an unused connection is kept when the server does not say. */
const KEEP_ALIVE_MS = 20_000

interface PooledConnection extends Connection {
  reused: boolean
  socket?: Socket
}

export function createConnectionPool(origin: string, maxHeaderBytes: number): ConnectionPool {
  // One for all, so that TLS sessions are resumed. No timeout: the engine's clocks decide.
  const connect = buildConnector({ timeout: 0 })
  // The connector's types hide that it returns the socket, which is the only way to give up connecting.
  const connectSocket = connect as unknown as Parameters<typeof createWarmSocket>[1]
  const ahead = createWarmSocket(origin, connectSocket)
  let closed = false
  const all = new Set<PooledConnection>()
  const idle: PooledConnection[] = []

  const create = (): PooledConnection => {
    const client = new Client(origin, {
      connect(options, callback) {
        connection.reused = false
        const told = callback as Parameters<typeof connectSocket>[1]
        connection.socket = ahead.take(told) ?? connectSocket(options, told)
      },
      headersTimeout: 0,
      bodyTimeout: 0,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: maxHeaderBytes,
    })
    const connection: PooledConnection = { client, reused: false }
    all.add(connection)
    client.on('disconnect', () => {
      const position = idle.indexOf(connection)
      if (position < 0) return
      idle.splice(position, 1)
      forget(connection)
    })
    return connection
  }

  const forget = (connection: PooledConnection, reason?: Error): void => {
    if (!all.delete(connection)) return
    void connection.client.destroy(reason ?? null)
    connection.socket?.destroy()
  }

  return {
    warm() {
      if (idle.length === 0 && !closed) ahead.warm()
    },
    take: (fresh) => (fresh ? undefined : idle.pop()) ?? create(),
    giveBack(connection) {
      const pooled = connection as PooledConnection
      if (!all.has(pooled)) return
      pooled.reused = true
      idle.push(pooled)
    },
    drop: forget,
    dropIdle(connection, reason) {
      const position = idle.indexOf(connection)
      if (position < 0) return
      idle.splice(position, 1)
      forget(connection, reason)
    },
    async close() {
      closed = true
      ahead.close()
      const connections = [...all]
      all.clear()
      idle.length = 0
      const closing = connections.map((connection) => connection.client.destroy())
      for (const connection of connections) connection.socket?.destroy()
      await Promise.all(closing)
    },
  }
}
