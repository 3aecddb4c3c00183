/** Whole answers and streams: read as expected, wherever the bytes are cut. */
import assert from 'node:assert/strict'
import { isDeepStrictEqual } from 'node:util'
import type { ConformanceCase } from './conformance-case.js'
import type { Fixture, ResponseFixture, StreamFixture } from './fixture.js'
import { assertReading, comparable } from './reading.js'
import {
  answerOf,
  beginAttempt,
  piecesOf,
  readAll,
  readFixture,
  type MakeAdapter,
  type Reading,
} from './run-attempt.js'

/** Of a long body only so many places are cut in two, each costs a whole reading; single bytes cover the others. */
const MOST_CUTS = 60

export function answerCases(
  makeAdapter: MakeAdapter,
  fixtures: readonly Fixture[],
): readonly ConformanceCase[] {
  const responses = fixtures.filter((fixture) => fixture.kind === 'response')
  const streams = fixtures.filter((fixture) => fixture.kind === 'stream')
  return [
    ...[...responses, ...streams].map((fixture) => readsAsExpected(makeAdapter, fixture)),
    ...streams.map((fixture) => sameWhereverCut(makeAdapter, fixture)),
    ...responses.map((fixture) => sameInSingleBytes(makeAdapter, fixture)),
    ...streams
      .filter(({ expect }) => !expect.error)
      .map((fixture) => neverShortAsSuccess(makeAdapter, fixture)),
    ...responses.flatMap((response) => {
      const stream = streams.find(({ pair }) => pair !== undefined && pair === response.pair)
      return stream
        ? [sameBothWays(makeAdapter, response, stream), wholeInPlaceOfStream(makeAdapter, response)]
        : []
    }),
  ]
}

function readsAsExpected(
  makeAdapter: MakeAdapter,
  fixture: ResponseFixture | StreamFixture,
): ConformanceCase {
  return {
    name: `${fixture.name} (${fixture.kind}): reads as expected`,
    async run() {
      assertReading(await readFixture(makeAdapter, fixture), fixture.expect)
    },
  }
}

function sameWhereverCut(makeAdapter: MakeAdapter, fixture: StreamFixture): ConformanceCase {
  return {
    name: `${fixture.name} (stream): the same wherever the bytes are cut`,
    async run() {
      const whole = summary(await readFixture(makeAdapter, fixture))
      const bytes = piecesOf(fixture.body)[0] ?? new Uint8Array()
      const everyByte = [...bytes.keys()].slice(1)
      const inBytes = await readFixture(makeAdapter, fixture, {
        pieces: piecesOf(fixture.body, ...everyByte),
      })
      assert.deepEqual(summary(inBytes), whole, 'differs when it comes byte by byte')
      for (const cut of cutsOf(bytes)) {
        const reading = summary(
          await readFixture(makeAdapter, fixture, { pieces: piecesOf(fixture.body, cut) }),
        )
        assert.deepEqual(reading, whole, `differs when it is cut at byte ${cut}`)
      }
    },
  }
}

function sameInSingleBytes(makeAdapter: MakeAdapter, fixture: ResponseFixture): ConformanceCase {
  return {
    name: `${fixture.name} (response): the same byte by byte`,
    async run() {
      const pieces = [...(piecesOf(fixture.body)[0] ?? [])].map((byte) => Uint8Array.of(byte))
      assertReading(await readFixture(makeAdapter, fixture, { pieces }), fixture.expect)
    },
  }
}

/** An end is proven, never inferred: a stream that was cut is an error, or it had said everything. */
function neverShortAsSuccess(makeAdapter: MakeAdapter, fixture: StreamFixture): ConformanceCase {
  return {
    name: `${fixture.name} (stream): cut short it is stream_interrupted`,
    async run() {
      const whole = comparable((await readFixture(makeAdapter, fixture)).chunks) as {
        readonly choices: unknown
      }
      const ends = [...fixture.body.matchAll(/(?:\r\n|\n|\r){2}/g)].map((match) =>
        Buffer.byteLength(fixture.body.slice(0, match.index)),
      )
      // Between events, and in the middle of one.
      for (const end of ends.flatMap((at) => [at - 5, at + 4]).filter((at) => at > 0)) {
        const pieces = piecesOf(fixture.body, end).slice(0, 1)
        const { chunks, error } = await readFixture(makeAdapter, fixture, { pieces })
        if (error) assert.equal(error.code, 'stream_interrupted', `cut at byte ${end}: ${error.message}`)
        else {
          const { choices } = comparable(chunks) as { readonly choices: unknown }
          assert.ok(
            isDeepStrictEqual(choices, whole.choices),
            `cut at byte ${end}, a part of the answer passed for all of it`,
          )
        }
      }
    },
  }
}

function sameBothWays(
  makeAdapter: MakeAdapter,
  response: ResponseFixture,
  stream: StreamFixture,
): ConformanceCase {
  return {
    name: `${response.name}: the same whole and streamed`,
    async run() {
      const [whole, streamed] = [
        await readFixture(makeAdapter, response),
        await readFixture(makeAdapter, stream),
      ]
      assert.deepEqual(comparable(streamed.chunks), comparable(whole.chunks))
    },
  }
}

/** Proxies and some servers ignore that a stream was asked for. */
function wholeInPlaceOfStream(makeAdapter: MakeAdapter, response: ResponseFixture): ConformanceCase {
  return {
    name: `${response.name}: a whole answer is taken where a stream was asked for`,
    async run() {
      const { model, request } = response
      const reading = await readAll(
        beginAttempt(makeAdapter, answerOf(response), { stream: true, model, request }).source,
      )
      assertReading(reading, response.expect)
    },
  }
}

/** Every place of a short body; of a long one those beside line ends and inside characters first. */
function cutsOf(bytes: Uint8Array): readonly number[] {
  const all = [...bytes.keys()].slice(1)
  if (all.length <= MOST_CUTS) return all
  const delicate = all.filter((at) => [10, 13].includes(bytes[at] ?? 0) || (bytes[at] ?? 0) >= 0x80)
  const rest = all.filter((at) => !delicate.includes(at))
  const some = (cuts: readonly number[]): readonly number[] => {
    const step = Math.ceil(cuts.length / (MOST_CUTS / 2))
    return cuts.filter((_, index) => index % step === 0)
  }
  return [...some(delicate), ...some(rest)]
}

function summary({ chunks, error }: Reading): unknown {
  return { answer: comparable(chunks), count: chunks.length, error: error && [error.code, error.message] }
}
