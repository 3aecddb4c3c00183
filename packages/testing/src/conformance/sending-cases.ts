/** What is sent and when, and how an attempt is given up. */
import assert from 'node:assert/strict'
import type { ConformanceCase } from './conformance-case.js'
import type { Fixture } from './fixture.js'
import {
  answerOf,
  beginAttempt,
  CONFORMANCE_KEY,
  piecesOf,
  readAll,
  type MakeAdapter,
} from './run-attempt.js'

export function sendingCases(
  makeAdapter: MakeAdapter,
  fixtures: readonly Fixture[],
): readonly ConformanceCase[] {
  const good =
    fixtures.find((fixture) => fixture.kind === 'stream' && !fixture.expect.error) ??
    fixtures.find((fixture) => fixture.kind === 'response' && !fixture.expect.error)
  if (!good) return []
  const stream = good.kind === 'stream'
  const begin = (answer = answerOf(good)) =>
    beginAttempt(makeAdapter, answer, { stream, model: good.model, request: good.request })
  /** The first event and then nothing: an answer under way. */
  const underWay = () =>
    begin(
      answerOf(good, {
        pieces: piecesOf(good.body, Math.ceil(Buffer.byteLength(good.body) / 2)).slice(0, 1),
        after: 'silence',
      }),
    )

  return [
    {
      name: 'nothing is sent before the first read, one request with it',
      async run() {
        const { source, sent } = begin()
        await new Promise((resolve) => setImmediate(resolve))
        assert.equal(sent.requests.length, 0)
        await readAll(source)
        assert.equal(sent.requests.length, 1)
        assert.equal(await source.next(), undefined, 'a source that has ended stays ended')
        assert.equal(sent.requests.length, 1)
      },
    },
    {
      name: 'the request is JSON, with the key in a header only, and nothing of ours in it',
      async run() {
        const { source, sent } = begin()
        await readAll(source)
        const [request] = sent.requests
        assert.equal(request?.method, 'POST')
        assert.match(request.headers['content-type'] ?? '', /^application\/json/)
        const body: unknown = JSON.parse(request.body)
        assert.ok(
          typeof body === 'object' && body !== null && !('gateway' in body) && !('provider_options' in body),
        )
        assert.ok(
          !request.url.includes(CONFORMANCE_KEY) && !request.body.includes(CONFORMANCE_KEY),
          'the key left its header',
        )
        assert.ok(
          Object.values(request.headers).some((value) => value.includes(CONFORMANCE_KEY)),
          'no header has the key',
        )
        assert.match(request.body, /Say hello\./)
      },
    },
    {
      name: 'an attempt that was aborted before it began sends nothing',
      async run() {
        const { source, sent, abort } = begin()
        abort(new Error('too late'))
        const { chunks, error } = await readAll(source)
        assert.deepEqual([chunks.length, error?.code, sent.requests.length], [0, 'aborted', 0])
      },
    },
    {
      name: 'an abort settles the pending read and cancels the body',
      async run() {
        const { source, sent, abort } = underWay()
        const reading = readAll(source)
        await settled()
        const reason = new Error('enough')
        abort(reason)
        const { error } = await reading
        assert.equal(error?.code, 'aborted')
        assert.equal(error.name, 'AbortError')
        assert.equal(error.cause, reason, 'the reason is lost')
        await settled()
        assert.ok(sent.cancelled, 'the body was left open')
      },
    },
    {
      name: 'cancel() settles the pending read, closes the body and may be called again',
      async run() {
        const { source, sent } = underWay()
        const reading = readAll(source)
        await settled()
        source.cancel(new Error('enough'))
        source.cancel()
        assert.equal((await reading).error?.code, 'aborted')
        await settled()
        assert.ok(sent.cancelled, 'the body was left open')
        await assert.rejects(async () => source.next(), { code: 'aborted' })
      },
    },
    {
      name: 'a body that breaks is an error after the good chunks',
      async run() {
        const half = piecesOf(good.body, Math.ceil(Buffer.byteLength(good.body) / 2)).slice(0, 1)
        const { error } = await readAll(begin(answerOf(good, { pieces: half, after: 'break' })).source)
        assert.ok(
          error && ['stream_interrupted', 'upstream_error'].includes(error.code),
          `it was ${error?.code ?? 'no error'}`,
        )
        assert.ok(error.retryable)
      },
    },
  ]
}

/** Some turns of the event loop: what was going to happen without more bytes has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
}
