/** Replays real answers when they lie beside the checkout (`../shared`) or where TURNOUT_SHARED says. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { ChatChunk } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { createStreamDecoder } from '../../core/src/adapter/decode-stream.js'
import { responsesProtocol } from '../src/responses/protocol.js'
import { contextFor, fold, plainRules } from './responses-support.js'

interface Expected {
  readonly file: string
  readonly api: string
  readonly kind: 'response' | 'stream' | 'error'
  readonly framing?: 'sse' | 'jsonl'
  readonly model?: string
  readonly text?: string
  readonly reasoningTextLength?: number
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly finishReason?: string
  readonly finishReasonRaw?: string
  readonly usage?: Readonly<Record<string, number>>
  readonly httpStatus?: number
  readonly errorClass?: string
  readonly retryable?: boolean
}

const CODES: Readonly<Record<string, string>> = {
  auth: 'authentication',
  context_length: 'context_length',
  rate_limit: 'rate_limited',
}

const shared = process.env.TURNOUT_SHARED ?? resolve(import.meta.dirname, '../../../../shared')
const folder = join(shared, 'recordings')
const listing = join(folder, 'expected.json')
const recordings: readonly Expected[] = existsSync(listing)
  ? (JSON.parse(readFileSync(listing, 'utf8')) as Expected[]).filter(({ api }) => api === 'responses')
  : []
const protocol = responsesProtocol(() => plainRules)

const named = (wanted: (recording: Expected) => boolean): readonly (readonly [string, Expected])[] =>
  recordings.filter(wanted).map((recording) => [recording.file, recording])
const textOf = ({ file }: Expected): string => readFileSync(join(folder, file), 'utf8')

describe.skipIf(recordings.length === 0)('recorded', () => {
  it.each(named(({ errorClass }) => errorClass === undefined))('answer %s', (_file, expected) => {
    const { chunks, error } = read(expected)
    expect(error).toBeUndefined()
    const answer = fold(chunks)
    const { message, finish_reason, native_finish_reason } = answer.choices[0]!
    expect(answer.model).toBe(expected.model)
    expect(message.content ?? '').toBe(expected.text)
    expect([finish_reason, native_finish_reason]).toEqual([expected.finishReason, expected.finishReasonRaw])
    expect(message.reasoning_content?.length).toBe(expected.reasoningTextLength)
    const calls = (message.tool_calls ?? []).map(({ function: { name, arguments: text } }) => ({
      name,
      arguments: JSON.parse(text),
    }))
    expect(calls).toEqual(expected.toolCalls)
    const { prompt_tokens_details: input, completion_tokens_details: output } = answer.usage
    expect({
      inputTokens: answer.usage.prompt_tokens,
      outputTokens: answer.usage.completion_tokens,
      cachedInputTokens: input?.cached_tokens,
      cacheWriteTokens: input?.cache_write_tokens,
      reasoningTokens: output?.reasoning_tokens,
    }).toMatchObject(expected.usage ?? {})
  })

  it.each(named(({ kind }) => kind === 'error'))('error %s', (_file, expected) => {
    const status = expected.httpStatus ?? 400
    const body = JSON.parse(textOf(expected))
    const error = protocol.decodeError({ status, headers: {}, body, provider: 'main', model: 'gpt-test' })
    expect(error).toMatchObject({ code: CODES[expected.errorClass ?? ''], retryable: expected.retryable })
  })

  it.each(named(({ kind, errorClass }) => kind === 'stream' && errorClass !== undefined))(
    'failing stream %s',
    (_file, expected) => {
      expect(read(expected).error).toMatchObject({ code: CODES[expected.errorClass ?? ''] })
    },
  )
})

function read(expected: Expected): { chunks: readonly ChatChunk[]; error?: unknown } {
  const { kind, framing } = expected
  const text = textOf(expected)
  const context = contextFor({}, { stream: kind === 'stream' })
  if (kind === 'response') return { chunks: protocol.decode(JSON.parse(text), context) }
  const lines = text.split('\n').filter((line) => line !== '')
  const body = framing === 'jsonl' ? lines.map((line) => `data: ${line}\n\n`).join('') : text
  const decoder = createStreamDecoder(protocol, context)
  const first = decoder.push([Buffer.from(body)])
  if (first.done || first.error) return first
  const last = decoder.end()
  return { chunks: [...first.chunks, ...last.chunks], error: last.error }
}
