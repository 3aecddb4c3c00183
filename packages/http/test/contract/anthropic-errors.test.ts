import {
  APIError,
  APIConnectionTimeoutError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from '@anthropic-ai/sdk'
import type { MessageCreateParamsNonStreaming } from '@anthropic-ai/sdk/resources/messages'
import { expect } from 'vitest'
import { ask, CLAUDE, failed, mirrorClient, mockedClient, MODEL } from './anthropic-client.js'
import { scenario } from './scenario.js'

const sdk = '@anthropic-ai/sdk'
const claude = { ...ask, model: CLAUDE }

const STATUSES = [
  ['invalid_request', 400, BadRequestError, 'invalid_request_error', 'invalid_request'],
  ['context_length', 400, BadRequestError, 'invalid_request_error', 'context_length'],
  ['content_filtered', 400, BadRequestError, 'invalid_request_error', 'content_filtered'],
  ['quota_exhausted', 400, BadRequestError, 'billing_error', 'quota_exhausted'],
  ['authentication', 401, AuthenticationError, 'authentication_error', 'authentication'],
  ['permission', 403, PermissionDeniedError, 'permission_error', 'permission'],
  ['not_found', 404, NotFoundError, 'not_found_error', 'not_found'],
  ['rate_limited', 429, RateLimitError, 'rate_limit_error', 'rate_limited'],
  ['upstream_error', 500, InternalServerError, 'api_error', 'upstream_error'],
  ['timeout', 504, InternalServerError, 'timeout_error', 'timeout'],
  ['overloaded', 529, InternalServerError, 'overloaded_error', 'overloaded'],
] as const

for (const [error, status, errorClass, type, code] of STATUSES) {
  scenario(
    sdk,
    `Anthropic's ${status} (${error}) as the client's own error, not tried again`,
    async (stage) => {
      await using mirror = await mirrorClient(stage, { error })
      const whole = await failed(mirror.client.messages.create(claude))
      expect(whole).toBeInstanceOf(errorClass)
      expect(whole).toMatchObject({ status, type, errorCode: code })
      expect((whole as APIError).requestID).toMatch(/^req_/)
      expect((whole as APIError).headers?.get('x-should-retry')).toBe('false')
      expect(mirror.server.requests).toHaveLength(1)
    },
  )
}

scenario(sdk, 'an error before the first piece of a stream, with its status', async (stage) => {
  await using mirror = await mirrorClient(stage, { error: 'overloaded' })
  const error = await failed(mirror.client.messages.stream(claude).finalMessage())
  expect(error).toMatchObject({ status: 529, type: 'overloaded_error' })
  expect(mirror.server.requests).toHaveLength(1)
})

scenario(sdk, "another vendor's 503 as overloaded_error, in Anthropic's status", async (stage) => {
  const { client } = await mockedClient(stage, { error: 'overloaded' })
  expect(await failed(client.messages.create(ask))).toMatchObject({ status: 529, type: 'overloaded_error' })
})

scenario(sdk, 'how long to wait after a 429', async (stage) => {
  const { client, mock } = await mockedClient(stage, { error: 'rate_limited', retryAfterMs: 7_200 })
  const error = (await failed(client.messages.create(ask))) as APIError
  expect(error.headers?.get('retry-after')).toBe('8')
  expect(mock.calls).toHaveLength(1)
})

scenario(sdk, 'a failed attempt that the gateway makes good', async (stage) => {
  const { client, mock } = await mockedClient(stage, [{ error: 'upstream_error' }, 'Hello!'], {
    gateway: { defaults: { maxAttempts: 2 } },
  })
  const message = await client.messages.create(ask)
  expect(message.content).toMatchObject([{ text: 'Hello!' }])
  expect(mock.calls).toHaveLength(2)
})

scenario(sdk, 'a model that nobody has', async (stage) => {
  const { client } = await mockedClient(stage)
  expect(await failed(client.messages.create({ ...ask, model: 'claud-opus' }))).toMatchObject({
    status: 404,
    type: 'not_found_error',
    errorCode: 'no_route',
  })
})

scenario(sdk, 'a request that makes no sense, with the place', async (stage) => {
  const { client, mock } = await mockedClient(stage)
  const bad = { ...ask, messages: [{ role: 'user', content: [{ type: 'text', text: 5 }] }] }
  const error = await failed(client.messages.create(bad as unknown as MessageCreateParamsNonStreaming))
  expect(error).toMatchObject({
    status: 400,
    type: 'invalid_request_error',
    apiMessage: 'messages[0].content[0].text: must be a string',
    details: { path: 'messages[0].content[0].text' },
  })
  const hot = { ...ask, temperature: 7 }
  const noWay = await failed(client.messages.create(hot))
  expect(noWay).toMatchObject({ status: 400, details: { path: 'temperature' } })
  expect(mock.calls).toHaveLength(0)
})

scenario(sdk, 'a path that is not served', async (stage) => {
  const { client } = await mockedClient(stage)
  const error = await failed(client.messages.batches.list())
  expect(error).toMatchObject({ status: 404, type: 'not_found_error' })
})

scenario(sdk, 'an error in the middle of a stream, by name, and nothing after it', async (stage) => {
  await using mirror = await mirrorClient(stage, {
    text: ['One ', 'two ', 'three.'],
    errorEvent: { afterChunks: 2, error: 'overloaded' },
  })
  const stream = await mirror.client.messages.create({ ...claude, stream: true })
  const types: string[] = []
  let text = ''
  const error = await failed(
    (async () => {
      for await (const event of stream) {
        types.push(event.type)
        if (event.type === 'content_block_delta' && event.delta.type === 'text_delta')
          text += event.delta.text
      }
    })(),
  )
  expect(text).toBe('One two ')
  expect(types).not.toContain('message_stop')
  expect(error).toBeInstanceOf(APIError)
  expect(error).toMatchObject({
    status: undefined,
    type: 'overloaded_error',
    errorCode: 'stream_interrupted',
  })
  expect(mirror.server.requests).toHaveLength(1)
})

scenario(sdk, 'a stream that breaks off', async (stage) => {
  await using mirror = await mirrorClient(stage, { text: 'One two three.', cut: { afterChunks: 1 } })
  const stream = mirror.client.messages.stream(claude)
  const error = await failed(stream.finalMessage())
  expect(error).toMatchObject({ type: 'api_error', errorCode: 'stream_interrupted' })
  expect(mirror.server.requests).toHaveLength(1)
})

scenario(sdk, 'an abort before the answer', async (stage) => {
  await using mirror = await mirrorClient(stage, { fault: 'silence' })
  const caller = new AbortController()
  const call = failed(mirror.client.messages.create(claude, { signal: caller.signal }))
  const upstream = await mirror.server.received(1)
  caller.abort()
  expect(await call).toBeInstanceOf(APIUserAbortError)
  await upstream.settled
  expect(upstream.aborted).toBe(true)
  expect(mirror.server.requests).toHaveLength(1)
})

scenario(sdk, 'an abort in the middle of a stream', async (stage) => {
  await using mirror = await mirrorClient(stage, { text: 'One two three.', stall: { afterChunks: 1 } })
  const stream = mirror.client.messages.stream(claude)
  const error = failed(stream.finalMessage())
  await new Promise<void>((resolve) => {
    stream.once('text', () => resolve())
  })
  stream.abort()
  expect(await error).toBeInstanceOf(APIUserAbortError)
  const upstream = await mirror.server.received(1)
  await upstream.settled
  expect(upstream.aborted).toBe(true)
})

scenario(sdk, 'leaving a stream early', async (stage) => {
  await using mirror = await mirrorClient(stage, { text: 'One two three.', stall: { afterChunks: 1 } })
  for await (const event of await mirror.client.messages.create({ ...claude, stream: true }))
    if (event.type === 'content_block_delta') break
  const upstream = await mirror.server.received(1)
  await upstream.settled
  expect(upstream.aborted).toBe(true)
})

scenario(sdk, "a clock of the gateway's that runs out", async (stage) => {
  const { client, mock } = await mockedClient(
    stage,
    { text: 'Late.', firstTokenDelayMs: 5_000 },
    { gateway: { defaults: { timeout: { totalMs: 50 } } } },
  )
  expect(await failed(client.messages.create(ask))).toMatchObject({
    status: 504,
    type: 'timeout_error',
    errorCode: 'timeout',
  })
  expect(mock.calls).toHaveLength(1)
})

scenario(sdk, "the client's own clock", async (stage) => {
  await using mirror = await mirrorClient(stage, { fault: 'silence' })
  const error = await failed(mirror.client.messages.create(claude, { timeout: 150, maxRetries: 0 }))
  expect(error).toBeInstanceOf(APIConnectionTimeoutError)
  const upstream = await mirror.server.received(1)
  await upstream.settled
  expect(upstream.aborted).toBe(true)
})

scenario(sdk, 'a rescue that would need the client to take back what it has shown', async (stage) => {
  const { client, mock } = await mockedClient(stage)
  const body = { ...ask, model: MODEL, gateway: { rescue: 'restart' } }
  expect(await failed(client.messages.create(body))).toMatchObject({ status: 400 })
  expect(mock.calls).toHaveLength(0)
})

scenario(sdk, 'clients of others are told no more than they need', async (stage) => {
  const { client } = await mockedClient(
    stage,
    [{ error: 'permission', message: 'secret of the provider' }, 'Hello!'],
    { surface: { detail: 'brief' } },
  )
  const error = (await failed(client.messages.create(ask))) as APIError
  expect(error).toMatchObject({ status: 502, type: 'api_error' })
  expect(JSON.stringify(error.error)).not.toMatch(/secret|attempts|mock/)
  const message = await client.messages.create(ask)
  expect(message).toMatchObject({ content: [{ text: 'Hello!' }], gateway: { provider: 'mock' } })
  expect(message).not.toHaveProperty('gateway.trace')
})

scenario(sdk, 'pings while the first piece is awaited, and errors as events from then on', async (stage) => {
  const { client } = await mockedClient(
    stage,
    [
      { text: 'Hello!', firstTokenDelayMs: 200 },
      { error: 'overloaded', headersDelayMs: 200 },
    ],
    { surface: { keepAliveMs: 20 } },
  )
  const response = await client.messages.create({ ...ask, stream: true }).asResponse()
  const text = await response.text()
  expect(text.startsWith('event: ping\ndata: {"type":"ping"}\n\n')).toBe(true)
  expect(text).toMatch(/event: message_start\n[^]*event: message_stop\ndata: {"type":"message_stop"}\n\n$/)
  expect(text).not.toContain('[DONE]')
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
  const error = await failed(client.messages.stream(ask).finalMessage())
  expect(error).toMatchObject({ status: undefined, type: 'overloaded_error', errorCode: 'overloaded' })
})
