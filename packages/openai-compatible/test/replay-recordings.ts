/** Replays real answers when they lie beside the checkout (`../shared`) or where TURNOUT_SHARED says. */
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Protocol } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { answerWith, contextFor, fold, foldPartial, readStream, type ReadStream } from './chat-support.js'

interface Recording {
  readonly file: string
  readonly api: string
  readonly kind: 'response' | 'stream' | 'error'
  readonly framing?: 'sse' | 'jsonl'
  readonly model?: string
  readonly text?: string
  readonly reasoningTextLength?: number
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: unknown }[]
  readonly finishReason?: string
  readonly usage?: {
    readonly inputTokens?: number
    readonly outputTokens?: number
    readonly cachedInputTokens?: number
  }
  readonly httpStatus?: number
  readonly errorClass?: string
  readonly retryable?: boolean
  readonly outcome?: string
}

const CODES: Readonly<Record<string, string>> = { auth: 'authentication', server: 'upstream_error' }
const shared = process.env.TURNOUT_SHARED ?? resolve(import.meta.dirname, '../../../../shared')
const folder = join(shared, 'recordings')
const listing = join(folder, 'expected.json')
const named = (list: readonly Recording[]) => list.map((recording) => [recording.file, recording] as const)

/** @param folders whose Chat Completions recordings to read */
export function replayRecordings(protocol: Protocol, folders: readonly string[]): void {
  const all = existsSync(listing) ? (JSON.parse(readFileSync(listing, 'utf8')) as Recording[]) : []
  const recordings = all.filter(
    ({ api, file }) => api === 'chat.completions' && folders.includes(file.split('/')[0] ?? ''),
  )
  describe.skipIf(recordings.length === 0)('recorded answers', () => {
    it.each(named(recordings.filter(({ kind, outcome }) => kind !== 'error' && !outcome)))(
      '%s',
      (file, expected) => {
        const { chunks, error } = read(protocol, expected, readFileSync(join(folder, file), 'utf8'))
        expect(error).toBeUndefined()
        const answer = fold(chunks)
        const [choice] = answer.choices
        const reading = {
          model: answer.model,
          text: choice?.message.content ?? '',
          reasoningTextLength: choice?.message.reasoning_content?.length,
          toolCalls: (choice?.message.tool_calls ?? []).map((call) => ({
            name: call.function.name,
            arguments: JSON.parse(call.function.arguments) as unknown,
          })),
          finishReason: choice?.finish_reason,
          usage: {
            inputTokens: answer.usage.prompt_tokens,
            outputTokens: answer.usage.completion_tokens,
            cachedInputTokens: answer.usage.prompt_tokens_details?.cached_tokens,
            reasoningTokens: answer.usage.completion_tokens_details?.reasoning_tokens,
          },
        }
        const { model, text, reasoningTextLength, toolCalls, finishReason, usage } = expected
        expect(reading).toMatchObject(
          JSON.parse(JSON.stringify({ model, text, reasoningTextLength, toolCalls, finishReason, usage })),
        )
      },
    )

    it.each(named(recordings.filter(({ outcome }) => outcome)))('%s', (file, expected) => {
      const { chunks, error } = read(protocol, expected, readFileSync(join(folder, file), 'utf8'))
      expect(error?.code).toBe(expected.errorClass ? CODES[expected.errorClass] : 'stream_interrupted')
      expect(foldPartial(chunks).choices[0]?.message.content).toBe(expected.text)
    })

    it.each(named(recordings.filter(({ kind }) => kind === 'error')))('%s', (file, expected) => {
      const body: unknown = JSON.parse(readFileSync(join(folder, file), 'utf8'))
      const error = protocol.decodeError(answerWith(expected.httpStatus ?? 400, body))
      expect([error.code, error.retryable]).toEqual([CODES[expected.errorClass ?? ''], expected.retryable])
    })
  })
}

function read(protocol: Protocol, recording: Recording, text: string): ReadStream {
  if (recording.kind === 'response')
    return { chunks: protocol.decode(JSON.parse(text), contextFor()), error: undefined }
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  const body =
    recording.framing === 'jsonl' ? [...lines, '[DONE]'].map((line) => `data: ${line}\n\n`).join('') : text
  return readStream(protocol, [Buffer.from(body)], contextFor())
}
