/** Error answers, answers that are none, and what must not leak. */
import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { isGatewayError, type ErrorCode, type GatewayError } from '@turnout/core'
import type { ConformanceCase } from './conformance-case.js'
import type { Fixture } from './fixture.js'
import type { PreparedAnswer } from './fixture-fetch.js'
import { assertError } from './reading.js'
import {
  answerOf,
  beginAttempt,
  CONFORMANCE_KEY,
  piecesOf,
  readAll,
  type MakeAdapter,
} from './run-attempt.js'

const PAGE = '<!DOCTYPE html><html><body><h1>Bad gateway</h1></body></html>'
const JSON_TYPE = { 'content-type': 'application/json' }
const HTML_TYPE = { 'content-type': 'text/html; charset=utf-8' }

interface NoAnswer {
  readonly name: string
  readonly answer: PreparedAnswer | undefined
  readonly codes: readonly ErrorCode[]
}

const NO_ANSWERS: readonly NoAnswer[] = [
  {
    name: 'a page with status 200',
    answer: { status: 200, headers: HTML_TYPE, pieces: piecesOf(PAGE) },
    codes: ['bad_response'],
  },
  {
    name: 'a page with status 502',
    answer: { status: 502, headers: HTML_TYPE, pieces: piecesOf(PAGE) },
    codes: ['upstream_error'],
  },
  {
    name: 'a page with status 503',
    answer: { status: 503, headers: HTML_TYPE, pieces: piecesOf(PAGE) },
    codes: ['overloaded', 'upstream_error'],
  },
  { name: 'an empty body', answer: { status: 200, headers: JSON_TYPE, pieces: [] }, codes: ['bad_response'] },
  { name: 'status 204', answer: { status: 204, headers: {}, pieces: [] }, codes: ['bad_response'] },
  {
    name: 'truncated JSON',
    answer: { status: 200, headers: JSON_TYPE, pieces: piecesOf('{"id":"x","choi') },
    codes: ['bad_response', 'stream_interrupted'],
  },
  {
    name: 'JSON null',
    answer: { status: 200, headers: JSON_TYPE, pieces: piecesOf('null') },
    codes: ['bad_response', 'stream_interrupted'],
  },
  {
    name: 'status 500 with JSON that is no error',
    answer: { status: 500, headers: JSON_TYPE, pieces: piecesOf('[1,null]') },
    codes: ['upstream_error'],
  },
  { name: 'a connection that breaks', answer: undefined, codes: ['upstream_error'] },
]

export function failureCases(
  makeAdapter: MakeAdapter,
  fixtures: readonly Fixture[],
): readonly ConformanceCase[] {
  const errors = fixtures.filter((fixture) => fixture.kind === 'error')
  const fail = async (
    answer: PreparedAnswer | undefined,
    stream: boolean,
    more: Pick<Fixture, 'model' | 'request'> = {},
  ): Promise<GatewayError> => {
    const { chunks, error } = await readAll(beginAttempt(makeAdapter, answer, { stream, ...more }).source)
    assert.deepEqual(chunks, [], 'chunks came out of no answer')
    assert.ok(error, 'no answer was read as an answer')
    return error
  }
  return [
    ...errors.map((fixture): ConformanceCase => ({
      name: `${fixture.name} (error): is classified`,
      async run() {
        for (const stream of [false, true]) {
          const error = await fail(answerOf(fixture), stream, fixture)
          assertError(error, { status: fixture.status ?? 400, ...fixture.expect })
          assert.equal(error.provider, 'under-test')
        }
      },
    })),
    ...NO_ANSWERS.flatMap(({ name, answer, codes }) =>
      [false, true].map((stream): ConformanceCase => ({
        name: `${name} is ${codes.join(' or ')}${stream ? ', asked for a stream' : ''}`,
        async run() {
          const error = await fail(answer, stream)
          assert.ok(codes.includes(error.code), `it was ${error.code}: ${error.message}`)
          assert.ok(!error.message.includes('<html'), 'the page stands in the message')
        },
      })),
    ),
    {
      name: 'neither key nor cookies leak',
      async run() {
        const body = JSON.stringify({
          type: 'error',
          message: `bad key ${CONFORMANCE_KEY}`,
          error: {
            message: `Incorrect API key provided: ${CONFORMANCE_KEY}.`,
            code: 401,
            status: 'UNAUTHENTICATED',
          },
        })
        const headers = { ...JSON_TYPE, 'set-cookie': 'session=c00kie' }
        const answer = { status: 401, headers, pieces: piecesOf(body) }
        const { source, told } = beginAttempt(makeAdapter, answer, { stream: false })
        const { error } = await readAll(source)
        const shown = [
          error?.message,
          JSON.stringify(error),
          inspect(error, { depth: 10 }),
          inspect(source, { depth: 10 }),
          ...told,
        ].join('\n')
        assert.ok(!shown.includes(CONFORMANCE_KEY), 'the key stands in what the adapter shows')
        assert.ok(!shown.includes('c00kie'), 'a cookie stands in what the adapter shows')
      },
    },
    {
      name: 'errors are GatewayErrors that say whose they are',
      async run() {
        const error = await fail(undefined, true)
        assert.ok(isGatewayError(error))
        assert.equal(error.provider, 'under-test')
        assert.ok(error.message.length > 0)
      },
    },
  ]
}
