import { describe, expect, it } from 'vitest'
import { createGateway, type ChatChunk, type ChatStream } from '@turnout/core'
import { mockAdapter, type MockReply, type Script } from '@turnout/testing'
import { openFrames, type FrameWriter } from './event-frames.js'

const messages = [{ role: 'user' as const, content: 'Hi' }]
const streamOf = (script: Script<MockReply>, signal?: AbortSignal): ChatStream =>
  createGateway({ providers: { mock: mockAdapter(script) }, defaults: { maxAttempts: 1 } }).stream(
    { model: 'mock/m', messages },
    { ...(signal && { signal }) },
  )
const writer: FrameWriter = {
  keepAlive: '~',
  chunk: ({ choices }: ChatChunk) => choices.map(({ delta }) => delta.content ?? '').join(''),
  end: () => '.',
  error: (error) => `!${(error as { code: string }).code}`,
}
async function all(frames: { next(): Promise<string | undefined> }): Promise<string[]> {
  const pieces: string[] = []
  for (let piece = await frames.next(); piece !== undefined; piece = await frames.next()) pieces.push(piece)
  return pieces
}

describe('openFrames', () => {
  it('gives what the writer makes of the chunks, then its end, then nothing', async () => {
    const frames = await openFrames(streamOf({ text: ['a', 'b', 'c'] }), writer)
    expect((await all(frames)).join('')).toBe('abc.')
    expect(await frames.next()).toBeUndefined()
  })

  it('rejects with an error from before the first content', async () => {
    await expect(openFrames(streamOf({ error: 'overloaded' }), writer)).rejects.toMatchObject({
      code: 'overloaded',
    })
  })

  it('makes a frame of an error that comes later, without the end', async () => {
    const frames = await openFrames(streamOf({ text: ['a', 'b'], cut: { afterChunks: 1 } }), writer)
    expect(await all(frames)).toEqual(['a', '!stream_interrupted'])
    expect(await frames.next()).toBeUndefined()
  })

  it('ends in silence when the call is aborted', async () => {
    const controller = new AbortController()
    const frames = await openFrames(
      streamOf({ text: ['a', 'b'], stall: { afterChunks: 1 } }, controller.signal),
      writer,
    )
    expect(await frames.next()).toBe('a')
    const pending = frames.next()
    controller.abort()
    expect(await pending).toBeUndefined()
  })

  it('is over at once when it is cancelled, also while it is asked', async () => {
    const frames = await openFrames(streamOf({ text: ['a', 'b'], stall: { afterChunks: 1 } }), writer)
    expect(await frames.next()).toBe('a')
    const pending = frames.next()
    frames.cancel()
    expect(await pending).toBeUndefined()
    expect(await frames.next()).toBeUndefined()
  })

  it.each([undefined, 1_000])(
    'ends the call when the writer refuses its beginning (%s)',
    async (keepAliveMs) => {
      const mock = mockAdapter({ text: ['a', 'b'], stall: { afterChunks: 1 } })
      const gateway = createGateway({ providers: { mock }, defaults: { maxAttempts: 1 } })
      const refusing: FrameWriter = {
        ...writer,
        chunk() {
          throw new Error('no')
        },
      }
      const stream = gateway.stream({ model: 'mock/m', messages })
      await expect(openFrames(stream, refusing, keepAliveMs)).rejects.toThrow('no')
      await expect.poll(() => mock.calls[0]?.aborted).toBe(true)
    },
  )

  it('ends with an error when the writer refuses a chunk', async () => {
    const refusing: FrameWriter = {
      ...writer,
      chunk(chunk) {
        const text = writer.chunk(chunk)
        if (text === 'b') throw Object.assign(new Error('no'), { code: 'refused' })
        return text
      },
    }
    const stream = streamOf({ text: ['a', 'b', 'c'] })
    expect(await all(await openFrames(stream, refusing))).toEqual(['a', '!refused'])
  })

  it('says that it lives while nothing comes, and loses nothing', async () => {
    const frames = await openFrames(
      streamOf({ text: ['a', 'b'], firstTokenDelayMs: 100, chunkDelayMs: 100 }),
      writer,
      20,
    )
    const pieces = await all(frames)
    expect(pieces[0]).toBe('~')
    expect(pieces.filter((piece) => piece !== '~').join('')).toBe('ab.')
    expect(pieces.indexOf('b') - pieces.indexOf('a')).toBeGreaterThan(1)
  })

  it('makes a frame of an error before the first content once it has said that it lives', async () => {
    const frames = await openFrames(streamOf({ error: 'overloaded', headersDelayMs: 100 }), writer, 20)
    expect((await all(frames)).filter((piece) => piece !== '~')).toEqual(['!overloaded'])
    await expect(openFrames(streamOf({ error: 'overloaded' }), writer, 1_000)).rejects.toMatchObject({
      code: 'overloaded',
    })
  })
})
