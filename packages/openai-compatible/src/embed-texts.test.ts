import {
  isGatewayError,
  type AttemptContext,
  type CallJson,
  type EmbeddingRequest,
} from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { embedTexts, type EmbeddingRules } from './embed-texts.js'

const attempt = { provider: 'main', model: 'embed-1' } as AttemptContext
const rules: EmbeddingRules = { adapter: 'acme', maxInputs: 2, base64: false }
const usage = { prompt_tokens: 5, total_tokens: 5 }
const base64 = (...numbers: number[]): string =>
  Buffer.from(Float32Array.from(numbers).buffer).toString('base64')

/** Answers each batch with one-number vectors: the length of the text. */
function lengths(calls: object[]): CallJson {
  return async ({ method, path, body }) => {
    calls.push({ method, path, body })
    const { input } = body as { input: string[] }
    return {
      model: 'embed-1-2026',
      usage,
      data: input.map((text, index) => ({ index, embedding: [text.length] })),
    }
  }
}

function embed(request: Partial<EmbeddingRequest>, callJson: CallJson, more: Partial<EmbeddingRules> = {}) {
  return embedTexts({ model: 'route', input: 'x', ...request }, attempt, callJson, { ...rules, ...more })
}

const answer =
  (data: unknown, rest: object = {}): CallJson =>
  async () => ({ data, ...rest })

describe('embedTexts', () => {
  it('sends the fields of the rules with every request, and what the call adds to them', async () => {
    const calls: { readonly body?: unknown }[] = []
    const fields = { routing: { zdr: true, sort: 'price' } }
    await embed(
      { input: ['a', 'b', 'c'], provider_options: { acme: { routing: { sort: 'latency' }, extra: 1 } } },
      lengths(calls),
      { fields },
    )
    const expected = { routing: { zdr: true, sort: 'latency' }, extra: 1 }
    expect(calls.map(({ body }) => body)).toMatchObject([expected, expected])
    expect(fields).toEqual({ routing: { zdr: true, sort: 'price' } })
  })

  it('leaves out what the endpoint does not take, with a warning', async () => {
    const calls: { readonly body?: unknown }[] = []
    const warnings: (string | undefined)[] = []
    const told = {
      ...attempt,
      unsupported: 'warn',
      warn: ({ path }) => warnings.push(path),
    } as AttemptContext
    const none = { ...rules, dimensionsField: null, userField: null }
    const request: EmbeddingRequest = { model: 'route', input: 'abc', dimensions: 8, user: 'u' }
    await embedTexts(request, told, lengths(calls), none)
    expect(calls[0]?.body).toEqual({ model: 'embed-1', input: ['abc'] })
    expect(warnings).toEqual(['dimensions', 'user'])
    const strict: AttemptContext = { ...told, unsupported: 'error' }
    await expect(embedTexts(request, strict, lengths(calls), none)).rejects.toMatchObject({
      code: 'invalid_request',
      path: 'dimensions',
    })
  })

  it('sends one text as a list and reads it back', async () => {
    const calls: object[] = []
    expect(await embed({ input: 'abc' }, lengths(calls))).toEqual({
      model: 'embed-1-2026',
      vectors: [[3]],
      usage,
    })
    expect(calls).toEqual([
      { method: 'POST', path: '/embeddings', body: { model: 'embed-1', input: ['abc'] } },
    ])
  })

  it('splits by the number of inputs, keeps the order and adds the usage up', async () => {
    const calls: object[] = []
    const result = await embed({ input: ['a', 'bb', 'ccc', 'dddd', 'e'] }, lengths(calls))
    expect(result.vectors).toEqual([[1], [2], [3], [4], [1]])
    expect(result.usage).toEqual({ prompt_tokens: 15, total_tokens: 15 })
    expect(calls).toHaveLength(3)
  })

  it('splits by tokens; a text beyond the bound goes alone', async () => {
    const calls: any[] = []
    await embed({ input: ['aaaa', 'bbbb', 'c'.repeat(50), 'd'] }, lengths(calls), {
      maxInputs: 100,
      maxTokens: 4,
    })
    expect(calls.map(({ body }) => body.input.length)).toEqual([2, 1, 1])
  })

  it('sends dimensions, user and provider_options', async () => {
    const calls: any[] = []
    await embed(
      { dimensions: 8, user: 'u', provider_options: { acme: { output_dtype: 'float' }, other: { x: 1 } } },
      lengths(calls),
      { base64: true, dimensionsField: 'output_dimension', userField: 'safety_identifier' },
    )
    expect(calls[0].body).toEqual({
      model: 'embed-1',
      input: ['x'],
      encoding_format: 'base64',
      output_dimension: 8,
      safety_identifier: 'u',
      output_dtype: 'float',
    })
  })

  it('reads base64, numbers, any order and missing indexes', async () => {
    const data = [
      { index: 1, embedding: base64(0.5, -2) },
      { index: 0, embedding: [1, 2] },
    ]
    expect((await embed({ input: ['a', 'b'] }, answer(data))).vectors).toEqual([
      [1, 2],
      [0.5, -2],
    ])
    expect(
      (
        await embed(
          { input: ['a', 'b'] },
          answer([{ embedding: [1] }, { embedding: [2] }, { index: 9, embedding: [3] }]),
        )
      ).vectors,
    ).toEqual([[1], [2]])
  })

  it.each([
    ['', 'input'],
    [[], 'input'],
    [['a', ''], 'input[1]'],
  ])('refuses %j with a path', async (input, path) => {
    const error = await embed({ input }, lengths([])).catch((reason: unknown) => reason)
    expect(error).toMatchObject({ code: 'invalid_request', path })
  })

  it.each([
    [[{ index: 0, embedding: [1] }]],
    [
      [
        { index: 0, embedding: [1] },
        { index: 5, embedding: [1] },
      ],
    ],
    [
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: [] },
      ],
    ],
    [
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: 'AAAAAAAA' },
      ],
    ],
    [
      [
        { index: 0, embedding: [1] },
        { index: 1, embedding: ['a'] },
      ],
    ],
    ['x'],
    [undefined],
    [[null, null]],
  ])('refuses an answer with %j', async (data) => {
    const error = await embed({ input: ['a', 'b'] }, answer(data)).catch((reason: unknown) => reason)
    expect(isGatewayError(error, 'bad_response')).toBe(true)
  })

  it('reports no usage when there is none', async () => {
    expect(await embed({}, answer([{ embedding: [1] }]))).toEqual({ model: 'embed-1', vectors: [[1]] })
    expect(await embed({}, answer([{ embedding: [1] }], { usage: { total_tokens: 3 } }))).toMatchObject({
      usage: { prompt_tokens: 3, total_tokens: 3 },
    })
  })
})
