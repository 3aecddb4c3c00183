/** Compares what an adapter read with what a fixture expects. */
import assert from 'node:assert/strict'
import {
  checkChunkInvariants,
  createChunkCollector,
  type ChatChunk,
  type GatewayError,
  type GatewayMeta,
  type PartialResponse,
  type Usage,
} from '@turnout/core'
import type { ExpectedAnswer, ExpectedError, ExpectedUsage } from './fixture.js'
import type { Reading } from './run-attempt.js'

const NO_USAGE: Usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 }

/** @throws AssertionError naming the field that differs. */
export function assertReading(reading: Reading, expected: ExpectedAnswer): void {
  assertError(reading.error, expected.error)
  const violations = checkChunkInvariants(reading.chunks, {
    from: 'adapter',
    complete: reading.error === undefined,
  })
  assert.deepEqual(violations, [], 'the chunks break the rules of a stream')
  const answer = fold(reading.chunks)
  const [choice] = answer.choices
  const compare = (field: keyof ExpectedAnswer, actual: unknown): void => {
    if (expected[field] !== undefined) assert.deepEqual(actual, expected[field], `${field} differs`)
  }
  compare('text', choice?.message.content ?? '')
  compare('reasoning', choice?.message.reasoning_content ?? '')
  compare('refusal', choice?.message.refusal ?? '')
  compare('finishReason', choice?.finish_reason ?? undefined)
  compare('nativeFinishReason', choice?.native_finish_reason)
  compare('model', answer.model)
  compare(
    'toolCalls',
    choice?.message.tool_calls?.map(({ function: { name, arguments: text } }, index) => ({
      name,
      arguments: typeof expected.toolCalls?.[index]?.arguments === 'string' ? text : parsed(text),
    })) ?? [],
  )
  if (expected.usage !== undefined)
    assertUsage(reading.chunks.findLast(({ usage }) => usage)?.usage ?? null, expected.usage)
}

export function assertError(error: GatewayError | undefined, expected: ExpectedError | undefined): void {
  if (!expected) {
    if (error)
      throw new assert.AssertionError({
        message: `failed with ${error.code}: ${error.message}`,
        actual: error.code,
      })
    return
  }
  assert.ok(error, `expected ${expected.code}, but the answer was read without an error`)
  const { code, retryable, retryAfterMs, status } = error
  const actual = { code, retryable, retryAfterMs, status }
  for (const field of ['code', 'retryable', 'retryAfterMs', 'status'] as const) {
    if (expected[field] !== undefined)
      assert.equal(actual[field], expected[field], `${field} of the error differs (${error.message})`)
  }
}

function assertUsage(usage: Usage | null, expected: ExpectedUsage | null): void {
  if (expected === null) return assert.equal(usage, null, 'usage was expected to be absent')
  assert.ok(usage, 'there is no usage')
  const actual: { readonly [Key in keyof Required<ExpectedUsage>]: number | undefined } = {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cachedTokens: usage.prompt_tokens_details?.cached_tokens,
    cacheWriteTokens: usage.prompt_tokens_details?.cache_write_tokens,
    reasoningTokens: usage.completion_tokens_details?.reasoning_tokens,
  }
  for (const [field, count] of Object.entries(expected)) {
    assert.equal(actual[field as keyof ExpectedUsage] ?? 0, count, `usage.${field} differs`)
  }
}

/** The answer that the chunks stand for, complete or not. */
export function fold(chunks: readonly ChatChunk[]): PartialResponse {
  const collector = createChunkCollector()
  for (const chunk of chunks) collector.push(chunk)
  const usage = chunks.findLast((chunk) => chunk.usage)?.usage ?? NO_USAGE
  return collector.partial(usage, { model: '' } as GatewayMeta)
}

/**
 * What must be equal wherever the bytes were cut and however the answer was asked for: everything but made-up ids, the
 * time, and the blocks of `provider_state` (its digest is compared).
 */
export function comparable(chunks: readonly ChatChunk[]): unknown {
  const { model, choices, usage } = fold(chunks)
  return {
    model,
    usage,
    choices: choices.map(
      ({ message: { tool_calls: calls, provider_state: state, ...message }, ...choice }) => ({
        ...choice,
        message: { ...message, tool_calls: calls?.map((call) => call.function), state: state?.digest },
      }),
    ),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}
