/** Reads every fixture through a protocol and core's framing; the provider packages of this dialect share it. */
import type { ChatChunk, GatewayError, Protocol } from '@turnout/core/adapter'
import type { ErrorFixture, ExpectedAnswer, Fixture, ResponseFixture, StreamFixture } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import {
  answerWith,
  contextFor,
  errorOf,
  fold,
  foldPartial,
  readStream,
  usageOf,
  type ReadStream,
} from './chat-support.js'

export function checkFixtures(protocol: Protocol, fixtures: readonly Fixture[]): void {
  const answers = fixtures.filter((fixture) => fixture.kind !== 'error')
  const streams = fixtures.filter((fixture) => fixture.kind === 'stream')
  const wholes = fixtures.filter((fixture) => fixture.kind === 'response')
  const errors = fixtures.filter((fixture) => fixture.kind === 'error')

  describe('answers', () => {
    it.each(named(answers))('%s', (_name, fixture) => {
      const read = readAnswer(protocol, fixture)
      expect(picked(readingOf(read, fixture.expect), fixture.expect)).toEqual(fixture.expect)
      expect(brokenRules(read)).toEqual([])
    })
  })

  describe('streams, cut at every byte', () => {
    it.each(named(streams))('%s', (_name, fixture) => {
      const bytes = Buffer.from(fixture.body)
      const read = (...pieces: Uint8Array[]): string =>
        comparable(readStream(protocol, pieces, contextOf(fixture)))
      const whole = read(bytes)
      expect(read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toBe(whole)
      // In two pieces as well; of long bodies only some places, each costs a whole reading.
      const step = Math.ceil(bytes.length / 400)
      const cuts = [...bytes.keys()].filter((at) => at % step === 0)
      expect(cuts.filter((at) => read(bytes.subarray(0, at), bytes.subarray(at)) !== whole)).toEqual([])
    })
  })

  describe('a stream and its whole answer', () => {
    const pairs = wholes.filter(({ pair }) => pair !== undefined)
    it.each(pairs.map((whole) => [whole.pair, whole] as const))('%s', (pair, whole) => {
      const stream = streams.find((fixture) => fixture.pair === pair)
      expect(stream).toBeDefined()
      expect(fold(readAnswer(protocol, stream ?? whole).chunks)).toEqual(
        fold(readAnswer(protocol, whole).chunks),
      )
    })
  })

  describe('errors', () => {
    it.each(named(errors))('%s', (_name, fixture) => {
      const error = protocol.decodeError(errorAnswerOf(fixture))
      expect(picked(factsOf(error), fixture.expect)).toEqual(fixture.expect)
      expect(error.status).toBe(fixture.status ?? 400)
    })
  })
}

const named = <Kind extends Fixture>(fixtures: readonly Kind[]) =>
  fixtures.map((fixture) => [fixture.name, fixture] as const)

function readAnswer(protocol: Protocol, fixture: ResponseFixture | StreamFixture): ReadStream {
  const context = contextOf(fixture)
  if (fixture.kind === 'stream') return readStream(protocol, [Buffer.from(fixture.body)], context)
  const body: unknown = JSON.parse(fixture.body)
  if (fixture.expect.error) return { chunks: [], error: errorOf(() => protocol.decode(body, context)) }
  return { chunks: protocol.decode(body, context), error: undefined }
}

function contextOf({ model, request }: Fixture): ReturnType<typeof contextFor> {
  return contextFor(request, model === undefined ? {} : { model })
}

function errorAnswerOf({ status, body, headers }: ErrorFixture): ReturnType<typeof answerWith> {
  let parsed: unknown = body
  try {
    parsed = JSON.parse(body)
  } catch {
    // Text stays text.
  }
  return answerWith(status ?? 400, parsed, headers)
}

/** Everything that a fixture can expect, as it was read. */
function readingOf({ chunks, error }: ReadStream, expected: ExpectedAnswer): Record<string, unknown> {
  const answer = error ? foldPartial(chunks) : fold(chunks)
  const [choice] = answer.choices
  const usage = usageOf(chunks)
  return {
    text: choice?.message.content ?? '',
    reasoning: choice?.message.reasoning_content ?? '',
    refusal: choice?.message.refusal,
    toolCalls: (choice?.message.tool_calls ?? []).map(({ function: { name, arguments: text } }, i) => ({
      name,
      arguments:
        typeof expected.toolCalls?.[i]?.arguments === 'string' ? text : (JSON.parse(text) as unknown),
    })),
    finishReason: choice?.finish_reason,
    nativeFinishReason: choice?.native_finish_reason,
    model: answer.model,
    usage: usage
      ? {
          inputTokens: usage.prompt_tokens,
          outputTokens: usage.completion_tokens,
          cachedTokens: usage.prompt_tokens_details?.cached_tokens,
          cacheWriteTokens: usage.prompt_tokens_details?.cache_write_tokens,
          reasoningTokens: usage.completion_tokens_details?.reasoning_tokens,
        }
      : null,
    error: error && factsOf(error),
  }
}

function factsOf({ code, retryable, retryAfterMs, status }: GatewayError): Record<string, unknown> {
  return { code, retryable, retryAfterMs, status }
}

/** Of what was read only what is expected; an error that nobody expects is always shown. */
function picked(reading: unknown, expected: unknown): unknown {
  if (!isRecord(expected) || !isRecord(reading)) return reading
  const fields = Object.keys(expected).map((field) => [field, picked(reading[field], expected[field])])
  return { ...(reading.error ? { error: reading.error } : {}), ...Object.fromEntries(fields) }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The rules of a chunk sequence that a protocol could break. */
function brokenRules({ chunks, error }: ReadStream): readonly string[] {
  const broken: string[] = []
  const begun = new Set<number>()
  const finished = new Set<number>()
  const calls = new Map<number, number>()
  const hold = (kept: boolean, rule: string): void => void (kept || broken.push(rule))
  for (const [at, chunk] of chunks.entries()) {
    hold(headOf(chunk) === headOf(chunks[0]), `chunk ${at} has another head`)
    hold(!chunk.usage || (at === chunks.length - 1 && chunk.choices.length === 0), `chunk ${at} has usage`)
    for (const { index, delta, finish_reason } of chunk.choices) {
      hold(!finished.has(index), `choice ${index} goes on after its end`)
      hold((delta.role === 'assistant') !== begun.has(index), `role of choice ${index} in chunk ${at}`)
      begun.add(index)
      for (const call of delta.tool_calls ?? []) {
        const known = calls.get(index) ?? 0
        hold(call.index <= known, `tool call ${call.index} leaves a gap`)
        if (call.index === known)
          hold(Boolean(call.id && call.function?.name), `tool call ${known} begins without id or name`)
        calls.set(index, Math.max(known, call.index + 1))
      }
      if (finish_reason !== null) finished.add(index)
    }
  }
  if (!error) hold(begun.size > 0 && begun.size === finished.size, 'a choice has no end')
  return broken
}

function headOf(chunk: ChatChunk | undefined): string {
  return JSON.stringify([chunk?.id, chunk?.created, chunk?.model])
}

function comparable({ chunks, error }: ReadStream): string {
  return JSON.stringify({ chunks, error: error && [error.code, error.message, error.retryable] })
}
