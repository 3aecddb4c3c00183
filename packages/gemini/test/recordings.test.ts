/** Recorded answers of the real API, when they lie beside the checkout. Nothing of them is part of this repository. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createGateway } from '@turnout/core'
import type { GatewayError } from '@turnout/core/adapter'
import { gemini } from '../src/index.js'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const recordings = join(resolve(root, process.env.TURNOUT_SHARED ?? '../shared'), 'recordings')
const index = join(recordings, 'expected.json')

interface Recording {
  readonly file: string
  readonly kind: 'response' | 'stream' | 'error'
  readonly model?: string
  readonly httpStatus?: number
  readonly text?: string
  readonly reasoningTextLength?: number
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly finishReason?: string
  readonly finishReasonRaw?: string
  readonly usage?: {
    readonly inputTokens: number
    readonly outputTokens: number
    readonly cachedInputTokens?: number
    readonly reasoningTokens?: number
  }
  readonly errorClass?: string
  readonly retryable?: boolean
  readonly retryAfterMs?: number
}

const ERROR_CODES = new Map([
  ['auth', 'authentication'],
  ['rate_limit', 'rate_limited'],
])

const all = existsSync(index) ? (JSON.parse(readFileSync(index, 'utf8')) as readonly Recording[]) : []
const own = all.filter(({ file }) => file.startsWith('gemini/'))

async function ask(recording: Recording) {
  const { file, kind, model = 'gemini-2.5-flash', httpStatus = 200, toolCalls = [] } = recording
  const body = readFileSync(join(recordings, file))
  const headers = { 'content-type': kind === 'stream' ? 'text/event-stream' : 'application/json' }
  const fetch = () => Promise.resolve(new Response(body, { status: httpStatus, headers }))
  const gateway = createGateway({ providers: { gemini: gemini({ apiKey: 'key', fetch }) } })
  const names = [...new Set(toolCalls.map(({ name }) => name))]
  const request = {
    model: `gemini/${model}` as const,
    messages: [{ role: 'user' as const, content: 'Hello' }],
    ...(names.length > 0 && {
      tools: names.map((name) => ({ type: 'function' as const, function: { name } })),
    }),
  }
  try {
    if (kind === 'stream') return await gateway.stream(request).final()
    return await gateway.chat(request, { maxAttempts: 1 })
  } finally {
    await gateway.close()
  }
}

describe.skipIf(own.length === 0)('recordings', () => {
  const answers = own.filter(({ kind }) => kind !== 'error')
  it.each(answers.map((recording) => [recording.file, recording] as const))(
    '%s',
    async (_file, recording) => {
      const { choices, usage } = await ask(recording)
      const { message, finish_reason, native_finish_reason } = choices[0] ?? {}
      expect(message?.content ?? '').toBe(recording.text)
      expect(message?.reasoning_content?.length).toBe(recording.reasoningTextLength)
      const calls = (message?.tool_calls ?? []).map((call) => ({
        name: call.function.name,
        arguments: JSON.parse(call.function.arguments) as unknown,
      }))
      expect(calls).toEqual(recording.toolCalls)
      expect([finish_reason, native_finish_reason]).toEqual([
        recording.finishReason,
        recording.finishReasonRaw,
      ])
      const read = {
        inputTokens: usage.prompt_tokens,
        outputTokens: usage.completion_tokens,
        cachedInputTokens: usage.prompt_tokens_details?.cached_tokens,
        reasoningTokens: usage.completion_tokens_details?.reasoning_tokens,
      }
      expect(read).toMatchObject(recording.usage ?? {})
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
    },
  )

  const errors = own.filter(({ kind }) => kind === 'error')
  it.each(errors.map((recording) => [recording.file, recording] as const))('%s', async (_file, recording) => {
    const error = await ask(recording).then(
      () => undefined,
      (reason: unknown) => reason as GatewayError,
    )
    expect(error).toMatchObject({
      code: ERROR_CODES.get(recording.errorClass ?? ''),
      status: recording.httpStatus,
      retryable: recording.retryable,
    })
    expect(error?.retryAfterMs).toBe(recording.retryAfterMs)
  })
})
