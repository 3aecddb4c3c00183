import { describe, expect, it } from 'vitest'
import type { Adapter } from '../contract/adapter.js'
import type { ChatChunk } from '../contract/chat-response.js'
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

const open = () => {
  const fake = adapterOf([[chunk('a'), chunk('b')], [chunk('c')], [chunk('d'), chunk('e', 'stop')]])
  return createGateway({ providers: { fake } }).stream({
    model: 'fake/m',
    messages: [{ role: 'user', content: 'Hi' }],
  })
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
