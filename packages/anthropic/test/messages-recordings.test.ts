/** Replays real answers when they lie beside the checkout (`../shared`) or where TURNOUT_SHARED says. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { fold, protocol, protocolContext, readStream } from './protocol-support.js'

interface Expected {
  readonly file: string
  readonly api: string
  readonly kind: 'response' | 'stream' | 'error'
  readonly text?: string
  readonly reasoningTextLength?: number
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly finishReason?: string
  readonly finishReasonRaw?: string
  readonly usage?: Readonly<Record<string, number>>
  readonly httpStatus?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly errorClass?: string
  readonly retryable?: boolean
}

const CODES: Readonly<Record<string, string>> = {
  auth: 'authentication',
  not_found: 'not_found',
  invalid_request: 'invalid_request',
  context_length: 'context_length',
  rate_limit: 'rate_limited',
  quota: 'quota_exhausted',
  overloaded: 'overloaded',
  server: 'upstream_error',
}

const folder = join(
  process.env['TURNOUT_SHARED'] ?? resolve(import.meta.dirname, '../../../../shared'),
  'recordings',
)
const listing = join(folder, 'expected.json')
const recordings: readonly Expected[] = existsSync(listing)
  ? (JSON.parse(readFileSync(listing, 'utf8')) as Expected[]).filter(({ api }) => api === 'messages')
  : []

const only = (kind: 'error' | 'answer') =>
  recordings
    .filter((recording) => (recording.kind === 'error') === (kind === 'error'))
    .map((recording) => [recording.file, recording] as const)

describe.skipIf(recordings.length === 0)('recorded answers', () => {
  it.each(only('error'))('%s', (file, expected) => {
    const error = protocol.decodeError({
      status: expected.httpStatus ?? 400,
      headers: expected.headers ?? {},
      body: JSON.parse(readFileSync(join(folder, file), 'utf8')),
      provider: 'claude',
      model: 'claude-haiku-4-5',
    })
    expect(error).toMatchObject({ code: CODES[expected.errorClass ?? ''], retryable: expected.retryable })
  })

  it.each(only('answer'))('%s', (file, expected) => {
    const bytes = readFileSync(join(folder, file))
    const context = protocolContext({ stream: expected.kind === 'stream', model: 'claude-haiku-4-5' })
    const chunks =
      expected.kind === 'stream'
        ? readStream([bytes], context).chunks
        : protocol.decode(JSON.parse(bytes.toString()), context)
    const {
      choices: [choice],
      usage,
    } = fold(chunks)
    const { content, reasoning_content: reasoning, tool_calls: calls = [] } = choice?.message ?? {}
    // A field that the listing leaves out is not compared.
    const { text = content, reasoningTextLength = reasoning?.length, usage: counts = {} } = expected
    expect({
      text: content ?? '',
      reasoningTextLength: reasoning?.length,
      toolCalls: calls.map(({ function: { name, arguments: json } }) => ({
        name,
        arguments: JSON.parse(json) as unknown,
      })),
      finish: [choice?.finish_reason, choice?.native_finish_reason],
      tokens: [usage?.prompt_tokens, usage?.completion_tokens],
      cached: usage?.prompt_tokens_details?.cached_tokens ?? 0,
      written: usage?.prompt_tokens_details?.cache_write_tokens ?? 0,
    }).toEqual({
      text: text ?? '',
      reasoningTextLength,
      toolCalls: expected.toolCalls ?? [],
      finish: [expected.finishReason, expected.finishReasonRaw],
      tokens: [counts['inputTokens'], counts['outputTokens']],
      cached: counts['cachedInputTokens'] ?? 0,
      written: counts['cacheWriteTokens'] ?? 0,
    })
  })
})
