/** One connection made ahead of its request; the request takes it, ready or still connecting. */
import type { Socket } from 'node:net'

type Connected = (error: Error | null, socket: Socket | null) => void
/** undici's connector, which returns the socket that it connects. */
type Connect = (options: object, callback: Connected) => Socket

export interface WarmSocket {
  /** Connects, unless it has already. Holds nothing open: neither the process nor, for long, the socket. */
  warm(): void
  /** Hands the socket over when there is one. @returns the socket, whose readiness `callback` will tell */
  take(callback: Connected): Socket | undefined
  close(): void
}

/** How long it waits for its request. */
const WARM_MS = 10_000

export function createWarmSocket(origin: string, connect: Connect): WarmSocket {
  interface Warmed {
    readonly socket: Socket
    readonly timer: NodeJS.Timeout
    isReady: boolean
    taker: Connected | undefined
  }
  let warmed: Warmed | undefined

  const close = (): void => {
    clearTimeout(warmed?.timer)
    warmed?.socket.destroy()
    warmed = undefined
  }
  return {
    warm() {
      if (warmed) return
      const { hostname, protocol, port, host } = new URL(origin)
      const socket = connect({ hostname, host, protocol, port }, (error) => {
        if (own.taker) own.taker(error, error ? null : socket)
        else if (!error) own.isReady = true
        // Nobody waits for it: the request itself will meet the same fault and tell of it.
        else if (warmed === own) close()
      })
      const own: Warmed = { socket, timer: setTimeout(close, WARM_MS), isReady: false, taker: undefined }
      own.timer.unref()
      socket.unref()
      socket.once('close', () => {
        if (warmed === own) close()
      })
      warmed = own
    },
    take(callback) {
      const own = warmed
      if (!own || own.socket.destroyed) return undefined
      clearTimeout(own.timer)
      warmed = undefined
      own.socket.ref()
      // Never at once: undici does not look again for what to send while it is still asking for a connection.
      if (own.isReady) queueMicrotask(() => callback(null, own.socket))
      else own.taker = callback
      return own.socket
    },
    close,
  }
}
