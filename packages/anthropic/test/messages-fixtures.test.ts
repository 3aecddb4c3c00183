import { isGatewayError, type ChatChunk } from '@turnout/core/adapter'
import type { ErrorFixture, ExpectedAnswer, ExpectedError, Fixture } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import { fixtures } from './fixtures.js'
import { chatRequest, fold, protocol, protocolContext, readStream } from './protocol-support.js'

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)
const contextOf = (fixture: Fixture) =>
  protocolContext({
    stream: fixture.kind === 'stream',
    request: chatRequest(fixture.request),
    ...(fixture.model && { model: fixture.model }),
  })

function read(fixture: Fixture): { chunks: readonly ChatChunk[]; error?: unknown } {
  const context = contextOf(fixture)
  if (fixture.kind === 'stream') return readStream([bytesOf(fixture.body)], context)
  try {
    return { chunks: protocol.decode(JSON.parse(fixture.body), context) }
  } catch (error) {
    return { chunks: [], error }
  }
}

/** What came out, in the words of a fixture's `expect`. */
function reading({
  chunks,
  error,
}: {
  chunks: readonly ChatChunk[]
  error?: unknown
}): Required<ExpectedAnswer> {
  const {
    model,
    usage,
    choices: [choice],
  } = fold(chunks)
  const { cached_tokens: cachedTokens, cache_write_tokens: cacheWriteTokens } =
    usage?.prompt_tokens_details ?? {}
  return {
    model,
    text: choice?.message.content ?? '',
    reasoning: choice?.message.reasoning_content ?? '',
    refusal: choice?.message.refusal ?? '',
    toolCalls: (choice?.message.tool_calls ?? []).map(({ function: { name, arguments: json } }) => ({
      name,
      arguments: parsed(json),
    })),
    finishReason: choice?.finish_reason ?? 'stop',
    nativeFinishReason: choice?.native_finish_reason ?? '',
    usage:
      usage === undefined
        ? null
        : {
            inputTokens: usage.prompt_tokens,
            outputTokens: usage.completion_tokens,
            cachedTokens,
            cacheWriteTokens,
            reasoningTokens: usage.completion_tokens_details?.reasoning_tokens,
          },
    error: errorReading(error),
  }
}

function errorReading(error: unknown): ExpectedError {
  if (!isGatewayError(error)) return { code: String(error) as ExpectedError['code'] }
  const { code, retryable, retryAfterMs, status } = error
  return {
    code,
    retryable,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(status !== undefined && { status }),
  }
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return json
  }
}

/** Only the fields that the fixture compares. */
const like = <Fields extends object>(expected: Fields, observed: Fields): Partial<Fields> =>
  Object.fromEntries(
    Object.keys(expected).map((field) => [field, observed[field as keyof Fields]]),
  ) as Partial<Fields>

const answers = fixtures.filter((fixture) => fixture.kind !== 'error')
const streams = answers.filter((fixture) => fixture.kind === 'stream')
const errors = fixtures.filter((fixture): fixture is ErrorFixture => fixture.kind === 'error')

describe('answers', () => {
  it.each(answers.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
    const expected = { error: { code: 'undefined' }, ...fixture.expect }
    const observed = reading(read(fixture))
    expect(like(expected, observed)).toEqual({ ...expected, error: expect.objectContaining(expected.error) })
  })

  it.each(streams.map((fixture) => [fixture.pair, fixture] as const).filter(([pair]) => pair !== undefined))(
    'reads the same whole and streamed: %s',
    (pair, stream) => {
      const whole = answers.find((fixture) => fixture.kind === 'response' && fixture.pair === pair)
      expect(fold(read(stream).chunks)).toEqual(fold(read(whole as Fixture).chunks))
    },
  )

  it.each(streams.map((fixture) => [fixture.name, fixture] as const))(
    '%s: the same chunks wherever the bytes are cut',
    (_name, fixture) => {
      const bytes = bytesOf(fixture.body)
      const outcome = (pieces: readonly Uint8Array[]): string => {
        const { chunks, error } = readStream(pieces, contextOf(fixture))
        return JSON.stringify([chunks, String(error)])
      }
      // Texts, not deep comparisons: there are thousands of cuts.
      const expected = outcome([bytes])
      const differing: number[] = []
      for (let at = 1; at < bytes.length; at++) {
        if (outcome([bytes.subarray(0, at), bytes.subarray(at)]) !== expected) differing.push(at)
      }
      expect(differing).toEqual([])
      expect(outcome(Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe(expected)
    },
  )

  it.each(answers.map((fixture) => [fixture.name, fixture] as const))(
    '%s: keeps the rules of chunks',
    (_name, fixture) => {
      const { chunks, error } = read(fixture)
      const [first] = chunks
      const choices = chunks.flatMap((chunk) => chunk.choices)
      const heads = chunks.map(({ id, created, model }) => ({ id, created, model }))
      expect(heads).toEqual(heads.map(() => heads[0]))
      expect(choices.map(({ delta }) => delta.role)).toEqual(
        choices.map((_, at) => (at === 0 ? 'assistant' : undefined)),
      )
      expect(first?.choices.length ?? 1).toBe(1)
      expect(choices.slice(0, -1).map(({ finish_reason }) => finish_reason)).toEqual(
        choices.slice(0, -1).map(() => null),
      )
      expect(
        choices.filter(
          ({ delta, finish_reason }) =>
            finish_reason === null && Object.values(delta).every((value) => value === ''),
        ),
      ).toEqual([])
      const calls = choices.flatMap(({ delta }) => delta.tool_calls ?? [])
      const begun = calls.filter(({ id }) => id !== undefined)
      expect(begun.map(({ index }) => index)).toEqual(begun.map((_, at) => at))
      expect(begun.filter((call) => !call.function?.name)).toEqual([])
      const whole = error === undefined
      expect((choices.at(-1)?.finish_reason ?? null) !== null).toBe(whole)
      expect(chunks.some((chunk) => chunk.usage)).toBe(whole)
      expect(chunks.findIndex((chunk) => chunk.usage)).toBe(whole ? chunks.length - 1 : -1)
    },
  )

  it('warns when a stream ends without message_stop', () => {
    const fixture = fixtures.find(
      ({ name }) => name === 'a stop reason, then the connection closes',
    ) as Fixture
    const context = contextOf(fixture)
    readStream([bytesOf(fixture.body)], context)
    expect(context.warnings.map(({ code }) => code)).toEqual(['stream_end_unmarked'])
  })
})

describe('errors', () => {
  it.each(errors.map((fixture) => [fixture.name, fixture] as const))('%s', (_name, fixture) => {
    const isJson = fixture.body.startsWith('{')
    const error = protocol.decodeError({
      status: fixture.status ?? 400,
      headers: fixture.headers ?? {},
      body: isJson ? JSON.parse(fixture.body) : fixture.body,
      provider: 'claude',
      model: 'claude-sonnet-4-5',
    })
    expect(errorReading(error)).toMatchObject(fixture.expect)
    expect(error.message).not.toContain('<html')
  })
})
