import {
  APIConnectionTimeoutError,
  APIError,
  APIUserAbortError,
  AuthenticationError,
  BadRequestError,
  ConflictError,
  InternalServerError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
} from 'openai/error'
import { expect } from 'vitest'
import OpenAI from 'openai'
import { createGateway } from '@turnout/core'
import { mockAdapter, type ErrorReply } from '@turnout/testing'
import { failure, messages, MODEL, openaiClient } from './openai-client.js'
import { scenario } from './scenario.js'

type ErrorClass = { readonly name: string } & (abstract new (...args: never[]) => APIError)

const STATUSES: readonly (readonly [ErrorReply, number, ErrorClass, string])[] = [
  [{ error: 'invalid_request' }, 400, BadRequestError, 'invalid_request_error'],
  [{ error: 'authentication' }, 401, AuthenticationError, 'authentication_error'],
  [{ error: 'permission' }, 403, PermissionDeniedError, 'permission_error'],
  [{ error: 'not_found' }, 404, NotFoundError, 'invalid_request_error'],
  [{ error: 'timeout', status: 408 }, 408, APIError, 'invalid_request_error'],
  [{ error: 'upstream_error', status: 409 }, 409, ConflictError, 'invalid_request_error'],
  [{ error: 'invalid_request', status: 413 }, 413, APIError, 'invalid_request_error'],
  [{ error: 'rate_limited' }, 429, RateLimitError, 'rate_limit_error'],
  [{ error: 'upstream_error' }, 500, InternalServerError, 'server_error'],
  [{ error: 'overloaded' }, 503, InternalServerError, 'server_error'],
  [{ error: 'overloaded', status: 529 }, 529, InternalServerError, 'server_error'],
]

for (const [reply, status, errorClass, type] of STATUSES) {
  scenario('openai', `status ${status} as ${errorClass.name}, asked once`, async (stage) => {
    const { client, mock } = await openaiClient(stage, reply)
    for (const stream of [false, true]) {
      const error = await failure(client.chat.completions.create({ model: MODEL, messages, stream }))
      expect(error).toBeInstanceOf(errorClass)
      expect(error).toMatchObject({ status, code: reply.error, type })
      expect((error as APIError).headers?.get('x-should-retry')).toBe('false')
      expect((error as APIError).requestID).toMatch(/^req_/)
    }
    expect(mock.calls).toHaveLength(2)
  })
}

scenario('openai', 'retry-after of the provider is kept', async (stage) => {
  const { client } = await openaiClient(stage, { error: 'rate_limited', retryAfterMs: 1_500 })
  const error = await failure(client.chat.completions.create({ model: MODEL, messages }))
  const { headers } = error as APIError
  expect(headers?.get('retry-after')).toBe('2')
  expect(headers?.get('retry-after-ms')).toBe('1500')
})

scenario('openai', 'a quota that is used up, in the word of OpenAI', async (stage) => {
  const { client } = await openaiClient(stage, { error: 'quota_exhausted' })
  const error = await failure(client.chat.completions.create({ model: MODEL, messages }))
  expect(error).toMatchObject({ status: 429, code: 'quota_exhausted', type: 'insufficient_quota' })
})

scenario('openai', 'retries and failover happen in the gateway, not in the client', async (stage) => {
  const { client, mock } = await openaiClient(
    stage,
    { byModel: { bad: { error: 'overloaded' }, good: 'Hello!' } },
    { gateway: { defaults: { maxAttempts: 6 }, routes: { safe: ['mock/bad', 'mock/good'] } } },
  )
  const answer = await client.chat.completions.create({ model: 'safe', messages })
  expect(answer.choices[0]?.message.content).toBe('Hello!')
  expect(mock.calls.at(-1)?.attempt.model).toBe('good')
})

scenario('openai', 'a request that is no request: where it is wrong', async (stage) => {
  const { client, mock } = await openaiClient(stage)
  const error = await failure(
    client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content: 7 as never }] }),
  )
  expect(error).toBeInstanceOf(BadRequestError)
  expect(error).toMatchObject({ code: 'invalid_request', param: 'messages[0].content' })
  expect(mock.calls).toHaveLength(0)
})

scenario('openai', 'fields that nobody serves: refused by name, not left out in silence', async (stage) => {
  const { client, mock } = await openaiClient(stage)
  const fields = {
    functions: [{ name: 'weather' }],
    function_call: 'auto',
    audio: { voice: 'alloy', format: 'wav' },
    modalities: ['text', 'audio'],
    web_search_options: {},
  }
  for (const [param, value] of Object.entries(fields)) {
    const request = { model: MODEL, messages, [param]: value } as { model: string; messages: typeof messages }
    expect(await failure(client.chat.completions.create(request))).toMatchObject({ status: 400, param })
  }
  expect(mock.calls).toHaveLength(0)
})

scenario('openai', 'a model that nobody knows', async (stage) => {
  const { client } = await openaiClient(stage)
  const error = await failure(client.chat.completions.create({ model: 'mok/some-model', messages }))
  expect(error).toBeInstanceOf(NotFoundError)
  expect(error).toMatchObject({ code: 'no_route' })
})

scenario('openai', 'an error in the middle of a stream: the text so far is kept', async (stage) => {
  const { client, mock } = await openaiClient(stage, {
    text: ['One ', 'two ', 'three.'],
    errorEvent: { afterChunks: 2, error: 'overloaded', message: 'no room' },
  })
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  let text = ''
  const error = await failure(
    (async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    })(),
  )
  expect(text).toBe('One two ')
  expect(error).toBeInstanceOf(APIError)
  expect(error).toMatchObject({ code: 'stream_interrupted', type: 'server_error' })
  expect((error as APIError).message).toContain('no room')
  expect(mock.calls).toHaveLength(1)
})

scenario('openai', 'a stream that is cut: an error and no [DONE]', async (stage) => {
  const { client } = await openaiClient(stage, { text: ['One ', 'two.'], cut: { afterChunks: 1 } })
  const response = await client.chat.completions.create({ model: MODEL, messages, stream: true }).asResponse()
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
  const frames = (await response.text()).trimEnd().split('\n\n')
  expect(frames.at(-1)).toMatch(/^data: \{"error":\{.*"code":"stream_interrupted"/)
  expect(frames.filter((frame) => frame.includes('[DONE]'))).toEqual([])
})

scenario('openai', 'the stream helper rejects when the stream breaks', async (stage) => {
  const { client } = await openaiClient(stage, { text: ['One ', 'two.'], cut: { afterChunks: 1 } })
  const stream = client.chat.completions.stream({ model: MODEL, messages })
  expect(await failure(stream.finalChatCompletion())).toMatchObject({ code: 'stream_interrupted' })
})

scenario('openai', 'an error before the first content of a stream is a status', async (stage) => {
  const { client } = await openaiClient(stage, {
    text: 'x',
    errorEvent: { afterChunks: 0, error: 'overloaded' },
  })
  const error = await failure(client.chat.completions.create({ model: MODEL, messages, stream: true }))
  expect(error).toBeInstanceOf(InternalServerError)
  expect(error).toMatchObject({ status: 503, code: 'overloaded' })
})

scenario('openai', 'a broken connection to the provider', async (stage) => {
  const { client, mock } = await openaiClient(stage, { fault: 'reset' })
  const error = await failure(client.chat.completions.create({ model: MODEL, messages }))
  expect(error).toBeInstanceOf(InternalServerError)
  expect(error).toMatchObject({ status: 502, code: 'upstream_error' })
  expect(mock.calls).toHaveLength(1)
})

scenario('openai', "the gateway's clock runs out: 504, asked once", async (stage) => {
  const { client, mock } = await openaiClient(
    stage,
    { fault: 'silence' },
    { gateway: { defaults: { timeout: { totalMs: 50 } } } },
  )
  const error = await failure(client.chat.completions.create({ model: MODEL, messages }))
  expect(error).toBeInstanceOf(InternalServerError)
  expect(error).toMatchObject({ status: 504, code: 'timeout', error: { gateway: { phase: 'total' } } })
  expect(mock.calls).toHaveLength(1)
})

scenario('openai', 'a stream that falls silent: the idle clock ends it with an error', async (stage) => {
  const { client } = await openaiClient(
    stage,
    { text: ['One ', 'two.'], stall: { afterChunks: 1 } },
    { gateway: { defaults: { timeout: { idleMs: 50 } } } },
  )
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  let text = ''
  const error = await failure(
    (async () => {
      for await (const { choices } of stream) text += choices[0]?.delta.content ?? ''
    })(),
  )
  expect(text).toBe('One ')
  expect(error).toMatchObject({ code: 'stream_interrupted' })
})

scenario('openai', "the client's own timeout reaches the provider", async (stage) => {
  const { client, mock } = await openaiClient(stage, { fault: 'silence' })
  const error = await failure(
    client.chat.completions.create({ model: MODEL, messages }, { timeout: 50, maxRetries: 0 }),
  )
  expect(error).toBeInstanceOf(APIConnectionTimeoutError)
  await expect.poll(() => mock.calls[0]?.outcome).toBe('aborted')
})

scenario('openai', 'aborted before it is sent: the provider is not asked', async (stage) => {
  const { client, mock } = await openaiClient(stage)
  const signal = AbortSignal.abort()
  const error = await failure(client.chat.completions.create({ model: MODEL, messages }, { signal }))
  expect(error).toBeInstanceOf(APIUserAbortError)
  expect(mock.calls).toHaveLength(0)
})

scenario('openai', 'aborted while the provider thinks, whole and streamed', async (stage) => {
  const { client, mock } = await openaiClient(stage, { fault: 'silence' })
  for (const [index, stream] of [false, true].entries()) {
    const controller = new AbortController()
    const { signal } = controller
    const asked = failure(client.chat.completions.create({ model: MODEL, messages, stream }, { signal }))
    await expect.poll(() => mock.calls[index]?.outcome).toBe('pending')
    controller.abort()
    expect(await asked).toBeInstanceOf(APIUserAbortError)
    await expect.poll(() => mock.calls[index]?.outcome).toBe('aborted')
  }
  expect(mock.calls).toHaveLength(2)
})

scenario('openai', 'aborted in the middle of a stream: the provider sees it', async (stage) => {
  const { client, mock } = await openaiClient(stage, { text: ['One ', 'two.'], stall: { afterChunks: 1 } })
  const controller = new AbortController()
  const { signal } = controller
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true }, { signal })
  let text = ''
  // The client ends its loop in silence; nothing more comes.
  for await (const { choices } of stream) {
    text += choices[0]?.delta.content ?? ''
    if (text !== '') controller.abort()
  }
  expect(text).toBe('One ')
  await expect.poll(() => mock.calls[0]?.outcome).toBe('aborted')
})

scenario('openai', 'stream.controller.abort() ends the stream and the call', async (stage) => {
  const { client, mock } = await openaiClient(stage, { text: ['One ', 'two.'], stall: { afterChunks: 1 } })
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  const texts: string[] = []
  for await (const { choices } of stream) {
    const text = choices[0]?.delta.content ?? ''
    if (text === '') continue
    texts.push(text)
    stream.controller.abort()
  }
  expect(texts).toEqual(['One '])
  await expect.poll(() => mock.calls[0]?.outcome).toBe('aborted')
})

scenario('openai', 'a gateway that is closed', async (stage) => {
  const { client, gateway } = await openaiClient(stage)
  await gateway.close()
  const error = await failure(client.chat.completions.create({ model: MODEL, messages }))
  expect(error).toMatchObject({ status: 503, code: 'closed' })
})

scenario('openai', 'a gateway that closes in the middle of a stream', async (stage) => {
  const { client, gateway } = await openaiClient(stage, { text: ['One ', 'two.'], stall: { afterChunks: 1 } })
  const stream = await client.chat.completions.create({ model: MODEL, messages, stream: true })
  const error = await failure(
    (async () => {
      for await (const { choices } of stream)
        if (choices[0]?.delta.content) await gateway.close({ drainMs: 0 })
    })(),
  )
  expect(error).toBeInstanceOf(APIError)
  expect(error).toMatchObject({ code: 'closed' })
})

scenario('openai', 'keep-alives during a long first token, and an error after them', async (stage) => {
  const { client, mock } = await openaiClient(
    stage,
    [
      { text: 'At last.', firstTokenDelayMs: 200 },
      { error: 'overloaded', headersDelayMs: 200 },
    ],
    { surface: { keepAliveMs: 20 } },
  )
  const ask = () => client.chat.completions.create({ model: MODEL, messages, stream: true })
  const raw = await (await ask().asResponse()).text()
  expect(raw).toMatch(/^: keep-alive\n\n/)
  expect(raw).toMatch(/"At".*" last\.".*\[DONE\]\n\n$/s)
  const stream = await ask()
  const error = await failure(
    (async () => {
      for await (const chunk of stream) throw new Error(`nothing was to come but ${JSON.stringify(chunk)}`)
    })(),
  )
  expect(error).toMatchObject({ code: 'overloaded' })
  expect(mock.calls).toHaveLength(2)
})

scenario(
  'openai',
  'brief details: no text of the provider, only a code and the request id',
  async (stage) => {
    const { client } = await openaiClient(
      stage,
      [{ error: 'upstream_error', message: 'host db-7.internal is down' }, 'Hello!'],
      { surface: { detail: 'brief' } },
    )
    const error = await failure(client.chat.completions.create({ model: MODEL, messages }))
    expect(error).toMatchObject({ status: 500, code: 'upstream_error' })
    expect((error as APIError).requestID).toMatch(/^req_/)
    expect(JSON.stringify((error as APIError).error)).not.toContain('db-7')
    expect((error as APIError).error).not.toHaveProperty('gateway')
    const answer = await client.chat.completions.create({ model: MODEL, messages })
    expect(answer).toMatchObject({ gateway: { provider: 'mock', cache: 'off' } })
    expect(answer).not.toHaveProperty('gateway.trace')
    expect(answer).not.toHaveProperty('gateway.attempts')
  },
)

for (const [code, maxAttempts] of [
  ['authentication', 1],
  ['permission', 1],
  ['quota_exhausted', 1],
  ['authentication', 2],
] as const) {
  scenario(
    'openai',
    `brief details: ${code} of the gateway at its provider (attempts: ${maxAttempts}) is no fault of the client's key`,
    async (stage) => {
      const other = mockAdapter({ error: code })
      const gateway = createGateway({
        providers: { mock: mockAdapter({ error: code }), other },
        routes: { both: ['mock/a', 'other/b'] },
        defaults: { maxAttempts },
      })
      const { origin, fetch } = await stage.serve(gateway, { detail: 'brief' })
      const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'unused', fetch })
      for (const stream of [false, true]) {
        const error = await failure(client.chat.completions.create({ model: 'both', messages, stream }))
        expect(error).toBeInstanceOf(InternalServerError)
        expect(error).toMatchObject({ status: 502, code: 'upstream_error', type: 'server_error' })
        expect((error as APIError).message).toContain("the gateway's own account")
      }
    },
  )
}

scenario('openai', 'brief details: limits speak of what a client can do, not of settings', async (stage) => {
  const { client } = await openaiClient(stage, 'Hello!', {
    gateway: { limits: { all: { requests: 1 } }, queue: { maxEntries: 0 } },
    surface: { detail: 'brief' },
  })
  await client.chat.completions.create({ model: MODEL, messages })
  const error = await failure(client.chat.completions.create({ model: MODEL, messages }))
  expect(error).toMatchObject({ status: 429, code: 'rate_limited' })
  expect((error as APIError).message).toMatch(/no room for this request at the moment/)
  expect((error as APIError).message).not.toMatch(/raise|`|limits/)
})
