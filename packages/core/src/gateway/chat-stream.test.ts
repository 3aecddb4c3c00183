import { describe, expect, it } from 'vitest'
import type { Adapter } from '../contract/adapter.js'
import type { ChatChunk } from '../contract/chat-response.js'
import type { ChatStream } from './chat-stream.js'
import { createGateway } from './create-gateway.js'

const chunk = (content: string, finish_reason: 'stop' | null = null): ChatChunk => ({
  id: 'a',
  object: 'chat.completion.chunk',
  created: 1,
  model: 'm',
  choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason }],
})

/** Gives its batches one a read. */
function adapterOf(batches: readonly (readonly ChatChunk[])[]): Adapter {
  return {
    name: 'fake',
    models: [],
    chat() {
      let at = 0
      return { next: () => Promise.resolve(batches[at++]), cancel() {} }
    },
  }
}

const request = { model: 'fake/m', messages: [{ role: 'user', content: 'Hi' }] } as const
const open = () => {
  const fake = adapterOf([[chunk('a'), chunk('b')], [chunk('c')], [chunk('d'), chunk('e', 'stop')]])
  return createGateway({ providers: { fake } }).stream(request)
}
const textOf = (batch: readonly ChatChunk[] | undefined): string | undefined =>
  batch?.map(({ choices }) => choices[0]?.delta.content ?? '|').join('')

describe('nextBatch()', () => {
  it('gives the chunks that came together, the last one with the facts of the call', async () => {
    const stream = open()
    const texts: (string | undefined)[] = []
    for (let batch = await stream.nextBatch(); batch; batch = await stream.nextBatch())
      texts.push(textOf(batch))
    expect(texts).toEqual(['ab', 'c', 'de', '|'])
    expect(await stream.nextBatch()).toBeUndefined()
    expect((await stream.final()).choices[0]?.message.content).toBe('abcde')
  })

  it('goes on behind a single next(), and after it another next() goes on', async () => {
    const stream = open()
    const first = await stream.next()
    expect(textOf(first.value && [first.value])).toBe('a')
    expect(textOf(await stream.nextBatch())).toBe('b')
    const third = await stream.next()
    expect(textOf(third.value && [third.value])).toBe('c')
    expect(textOf(await stream.nextBatch())).toBe('de')
    await stream.return()
    expect(await stream.nextBatch()).toBeUndefined()
  })

  it('loses nothing to next() calls that wait beside it', async () => {
    const stream = open()
    const [one, batch, two] = await Promise.all([stream.next(), stream.nextBatch(), stream.next()])
    const rest: string[] = []
    for await (const { choices } of stream) rest.push(choices[0]?.delta.content ?? '|')
    const given = [one.value, ...(batch ?? []), two.value].map((shown) => shown?.choices[0]?.delta.content)
    expect([...given, ...rest].toSorted().join('')).toBe('abcde|')
  })
})

describe('an abort in the middle of what came in one read', () => {
  const openAborted = () => {
    const fake = adapterOf([[chunk('a'), chunk('b'), chunk('c')], [chunk('d', 'stop')]])
    const gateway = createGateway({ providers: { fake } })
    const controller = new AbortController()
    return { gateway, controller, stream: gateway.stream(request, { signal: controller.signal }) }
  }
  const aborted = {
    code: 'aborted',
    cause: 'enough',
    partial: { choices: [{ message: { content: 'abc' } }] },
  }

  it('throws at the next read: nothing more is handed out', async () => {
    const { controller, stream } = openAborted()
    expect((await stream.next()).done).toBe(false)
    controller.abort('enough')
    await expect(stream.next()).rejects.toMatchObject(aborted)
    expect(await stream.next()).toEqual({ done: true, value: undefined })
  })

  it.each([
    ['nextBatch()', (stream: ChatStream) => stream.nextBatch()],
    ['final()', (stream: ChatStream) => stream.final()],
    ['text()', (stream: ChatStream) => stream.text()],
    ['one of several next()', (stream: ChatStream) => Promise.all([stream.next(), stream.next()])],
  ])('throws from %s too', async (_what, read) => {
    const { controller, stream } = openAborted()
    await stream.next()
    controller.abort('enough')
    await expect(read(stream)).rejects.toMatchObject(aborted)
  })

  it('throws `closed` when it was the gateway that was closed', async () => {
    const { gateway, stream } = openAborted()
    await stream.next()
    await gateway.close({ drainMs: 0 })
    await expect(stream.next()).rejects.toMatchObject({ code: 'closed' })
  })

  it('changes nothing when the answer had come whole', async () => {
    const fake = adapterOf([[chunk('a'), chunk('b', 'stop')]])
    const controller = new AbortController()
    const stream = createGateway({ providers: { fake } }).stream(request, { signal: controller.signal })
    await stream.final()
    controller.abort('enough')
    expect(await stream.text()).toBe('ab')
  })
})
