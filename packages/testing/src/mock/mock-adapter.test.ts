import {
  createGateway,
  checkChunkInvariants,
  GatewayError,
  isGatewayError,
  type AttemptContext,
  type ChatChunk,
  type ChunkSource,
} from '@turnout/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { virtualTime, type VirtualTime } from '../virtual-time.js'
import { mockAdapter, type MockReply } from './mock-adapter.js'

let time: VirtualTime
beforeEach(() => {
  time = virtualTime()
})
afterEach(() => time.restore())

const request = { model: 'any', messages: [{ role: 'user' as const, content: 'Hi' }] }

function attempt(more: Partial<AttemptContext> = {}) {
  const notes: string[] = []
  const context: AttemptContext = {
    requestId: 'r1',
    provider: 'mock',
    model: 'm1',
    stream: true,
    unsupported: 'warn',
    signal: new AbortController().signal,
    mark: (mark) => notes.push(mark),
    warn: ({ code }) => notes.push(code),
    response: ({ status }) => notes.push(String(status)),
    ...more,
  }
  return { context, notes }
}

async function drain(
  source: ChunkSource,
): Promise<{ chunks: ChatChunk[]; error?: GatewayError; batches: number }> {
  const chunks: ChatChunk[] = []
  let batches = 0
  try {
    for (let batch = await source.next(); batch; batch = await source.next()) {
      batches++
      chunks.push(...batch)
    }
    return { chunks, batches }
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return { chunks, batches, error }
  }
}

const run = (reply: MockReply, more?: Partial<AttemptContext>) => {
  const mock = mockAdapter(reply)
  const { context, notes } = attempt(more)
  return time.settle(drain(mock.chat(request, context))).then((result) => ({ ...result, notes, mock }))
}
const text = (chunks: readonly ChatChunk[]): string =>
  chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')

describe('mockAdapter', () => {
  const rich: MockReply = {
    reasoning: 'Let me think.',
    text: 'It rains.',
    toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }, { name: 'now' }],
    usage: { inputTokens: 9, outputTokens: 7, cachedTokens: 4, reasoningTokens: 3 },
  }

  it('streams chunks that keep the rules, and reads the same whole', async () => {
    const streamed = await run(rich)
    const whole = await run(rich, { stream: false })
    for (const { chunks } of [streamed, whole])
      expect(checkChunkInvariants(chunks, { from: 'adapter' })).toEqual([])
    expect(text(streamed.chunks)).toBe('It rains.')
    expect(text(whole.chunks)).toBe('It rains.')
    expect(whole.chunks).toHaveLength(2)
    expect(streamed.chunks.at(-1)?.usage).toEqual(whole.chunks.at(-1)?.usage)
    expect(whole.chunks.at(-1)?.usage).toMatchObject({
      prompt_tokens: 9,
      completion_tokens: 7,
      total_tokens: 16,
      prompt_tokens_details: { cached_tokens: 4 },
    })
    const names = streamed.chunks
      .flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? [])
      .map(({ index, function: called }) => `${index}${called?.name ?? ''}${called?.arguments ?? ''}`)
    expect(names).toEqual(['0weather', '0{"city":"Osl', '0o"}', '1now', '1{}'])
    expect(streamed.notes.slice(0, 3)).toEqual(['connected', 'headers', '200'])
  })

  it('paces along virtual time', async () => {
    const { mock } = await run({
      text: 'a b c',
      headersDelayMs: 1_000,
      firstTokenDelayMs: 2_000,
      chunkDelayMs: 100,
    })
    expect(time.elapsedMs()).toBe(3_200)
    expect(mock.calls).toMatchObject([{ outcome: 'ok', chunksSent: 3 }])
    await run(
      { text: 'a b c', headersDelayMs: 1_000, firstTokenDelayMs: 2_000, chunkDelayMs: 100 },
      { stream: false },
    )
    expect(time.elapsedMs()).toBe(6_400)
  })

  it.each<[string, MockReply, string, Partial<GatewayError>, boolean]>([
    [
      'a status error',
      { error: 'rate_limited', retryAfterMs: 500, message: 'Slow.' },
      '',
      { code: 'rate_limited', status: 429, retryAfterMs: 500, message: 'Slow.', retryable: true },
      true,
    ],
    [
      'an error of your own',
      new GatewayError({ code: 'schema_mismatch', message: 'own' }),
      '',
      { code: 'schema_mismatch', message: 'own' },
      true,
    ],
    ['a broken connection', { fault: 'reset' }, '', { code: 'upstream_error' }, true],
    ['a page', { fault: 'html' }, '', { code: 'bad_response' }, true],
    ['a page with 502', { fault: 'html', status: 502 }, '', { code: 'upstream_error', status: 502 }, true],
    ['an empty body', { fault: 'empty' }, '', { code: 'bad_response' }, true],
    ['a cut', { text: 'a b c', cut: { afterChunks: 2 } }, 'a b', { code: 'stream_interrupted' }, false],
    ['a broken chunk', { text: 'a b c', brokenChunk: 3 }, 'a b', { code: 'bad_response' }, false],
    [
      'an error event',
      { text: 'a b c', errorEvent: { afterChunks: 1, error: 'overloaded' } },
      'a',
      { code: 'overloaded', status: 200 },
      false,
    ],
    [
      'an error as the first event',
      { text: 'a', errorEvent: { afterChunks: 0, error: 'overloaded' } },
      '',
      { code: 'overloaded' },
      false,
    ],
  ])('throws %s after the good chunks', async (_name, reply, before, expected) => {
    const { chunks, error, mock } = await run(reply)
    expect(text(chunks)).toBe(before)
    expect(error).toMatchObject(expected)
    expect(mock.calls).toMatchObject([{ outcome: 'error', aborted: false }])
    const whole = await run(reply, { stream: false })
    expect(whole.chunks).toEqual([])
    expect(isGatewayError(whole.error)).toBe(true)
  })

  it('warns about a missing end mark and still ends', async () => {
    const { chunks, notes, error } = await run({ text: 'a', endMark: false })
    expect(error).toBeUndefined()
    expect(checkChunkInvariants(chunks, { from: 'adapter' })).toEqual([])
    expect(notes).toContain('stream_end_unmarked')
  })

  it.each<[string, MockReply]>([
    ['silence', { fault: 'silence' }],
    ['headers only', { fault: 'headers-only' }],
    ['a stall', { text: 'a', stall: { afterChunks: 0 }, pingEveryMs: 1_000 }],
  ])('is given up during %s: the pending read settles and nothing goes on', async (_name, reply) => {
    const mock = mockAdapter(reply)
    const controller = new AbortController()
    const { context, notes } = attempt({ signal: controller.signal })
    const drained = drain(mock.chat(request, context))
    await time.advance(5_500)
    controller.abort(new Error('enough'))
    const { error } = await drained
    expect(error).toMatchObject({
      code: 'aborted',
      cause: expect.objectContaining({ message: 'enough' }) as Error,
    })
    expect(mock.calls).toMatchObject([{ outcome: 'aborted', aborted: true }])
    const count = notes.length
    await time.advance(10_000)
    expect(notes).toHaveLength(count)
    expect(time.pendingTimers()).toBe(0)
  })

  it('settles a pending read on cancel, keeps the reason, and stays ended', async () => {
    const mock = mockAdapter({ fault: 'silence' })
    const source = mock.chat(request, attempt().context)
    const pending = source.next()
    const reason = new GatewayError({ code: 'timeout', phase: 'headers', message: 'late' })
    source.cancel(reason)
    source.cancel()
    await expect(pending).rejects.toBe(reason)
    await expect(source.next()).rejects.toBe(reason)
    expect(mock.calls[0]?.aborted).toBe(true)
  })

  it('sends nothing before the first read, and nothing when aborted before it', async () => {
    const mock = mockAdapter('x')
    mock.chat(request, attempt().context)
    const { error } = await drain(mock.chat(request, attempt({ signal: AbortSignal.abort('no') }).context))
    expect(error).toMatchObject({ code: 'aborted', cause: 'no' })
    expect(mock.calls).toEqual([])
  })

  it('does nothing more when the script makes up its mind after the attempt was given up', async () => {
    let decide = (_reply: MockReply): void => {}
    const mock = mockAdapter(() => new Promise<MockReply>((resolve) => (decide = resolve)))
    const { context } = attempt()
    const source = mock.chat(request, context)
    const pending = source.next()
    source.cancel()
    await expect(pending).rejects.toMatchObject({ code: 'aborted' })
    decide({ text: 'late', headersDelayMs: 1_000 })
    await time.advance(0)
    expect(time.pendingTimers()).toBe(0)
  })

  it('keeps the outcome of an answer that was read to its end', async () => {
    const mock = mockAdapter('x')
    const source = mock.chat(request, attempt({ stream: false }).context)
    await source.next()
    source.cancel()
    expect(mock.calls[0]).toMatchObject({ outcome: 'ok', aborted: false })
  })

  it('says what a script did wrong, in an error that is not retried', async () => {
    const { error } = await run((() => {
      throw new Error('typo')
    }) as never)
    expect(error).toMatchObject({
      code: 'invalid_request',
      retryable: false,
      message: expect.stringContaining('typo') as string,
    })
  })

  it('asserts that its script was used up', async () => {
    const mock = mockAdapter(['a', 'b'])
    expect(() => mock.assertScriptDone()).toThrow('2 of')
    await drain(mock.chat(request, attempt().context))
    expect(mock.remainingReplies()).toBe(1)
    mock.setReplies(['c'])
    await drain(mock.chat(request, attempt().context))
    mock.assertScriptDone()
  })

  it('embeds and lists models', async () => {
    const mock = mockAdapter('x', { name: 'fake', models: ['one', 'two'] })
    const { context } = attempt()
    const result = await mock.embed?.({ model: 'one', input: ['a', 'b'], dimensions: 4 }, context)
    expect(result?.vectors.map(({ length }) => length)).toEqual([4, 4])
    expect(await mock.listModels?.(context)).toEqual([{ id: 'one' }, { id: 'two' }])
    expect([mock.name, mock.models]).toEqual(['fake', ['one', 'two']])
  })

  it('serves a gateway: retry, then the answer', async () => {
    const mock = mockAdapter([{ error: 'overloaded' }, { text: 'Hello!' }])
    const gateway = createGateway({ providers: { mock } })
    const answer = await time.settle(gateway.chat({ model: 'mock/any', messages: request.messages }))
    expect(answer.choices[0]?.message.content).toBe('Hello!')
    expect(mock.calls.map(({ outcome, attempt: { model } }) => [outcome, model])).toEqual([
      ['error', 'any'],
      ['ok', 'any'],
    ])
    await time.settle(gateway.close())
  })
})
