/** A stream of chunks as the frames of an event stream. */
import { isGatewayError, type ChatChunk, type ChatStream } from '@turnout/core'
import type { EventFrames } from './exchange.js'

/** How a dialect writes a stream; it may keep state, one writer a stream. */
export interface FrameWriter {
  /** @returns the frames that this chunk gives; empty for none */
  chunk(chunk: ChatChunk): string
  /** After the last chunk. */
  end(): string
  /** Instead of the rest. */
  error(error: unknown): string
  /** Said while nothing comes. */
  readonly keepAlive: string
}

type Piece = string | undefined

/**
 * Opens the stream: settles with its first content, so that an error before it can still be a status.
 * @param keepAliveMs settles after so many milliseconds in any case, and repeats `keepAlive` while nothing comes
 * @throws GatewayError what the call failed with before its first content
 */
export async function openFrames(
  stream: ChatStream,
  writer: FrameWriter,
  keepAliveMs?: number,
): Promise<EventFrames> {
  let isOver = false
  const read = async (): Promise<Piece> => {
    for (;;) {
      const batch = await stream.nextBatch()
      if (!batch) {
        // One that was cancelled is not complete.
        if (isOver) return undefined
        isOver = true
        return writer.end()
      }
      let text = ''
      for (const chunk of batch) text += writer.chunk(chunk)
      if (text !== '') return text
    }
  }
  const failed = (error: unknown): Piece => {
    if (isOver) return undefined
    isOver = true
    void stream.return()
    return isGatewayError(error, 'aborted') ? undefined : writer.error(error)
  }
  const readOn = (): Promise<Piece> => (isOver ? Promise.resolve(undefined) : read().catch(failed))
  const cancel = (): void => {
    isOver = true
    void stream.return()
  }

  const first = read()
  // The writer may refuse what goes on coming.
  first.catch(() => void stream.return())
  let pending: Promise<Piece> | undefined
  if (keepAliveMs === undefined) {
    pending = Promise.resolve(await first)
    const next = (): Promise<Piece> => {
      const piece = pending ?? readOn()
      pending = undefined
      return piece
    }
    return { next, cancel }
  }
  let isSilent = (await withinMs(first, keepAliveMs)) === LATE
  pending = first.catch(failed)
  let tell: ((piece: Piece) => void) | undefined
  // One for the whole stream, put off with each piece: to make one costs more than to read a chunk.
  const timer = setTimeout(() => {
    tell?.(writer.keepAlive)
    tell = undefined
  }, keepAliveMs).unref()
  const next = (): Promise<Piece> => {
    if (isSilent) {
      isSilent = false
      return Promise.resolve(writer.keepAlive)
    }
    timer.refresh()
    const work = (pending ??= readOn())
    return new Promise((resolve) => {
      tell = resolve
      void work.then((piece) => {
        // Who asked has been told to wait: the piece is for who asks next.
        if (tell !== resolve) return
        tell = pending = undefined
        if (isOver) clearTimeout(timer)
        resolve(piece)
      })
    })
  }
  const stop = (): void => {
    clearTimeout(timer)
    cancel()
  }
  return { next, cancel: stop }
}

const LATE = Symbol('nothing came in time')

async function withinMs<T>(work: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), ms)
    timer.unref()
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
