import {
  dropSetting,
  GatewayError,
  isRecord,
  type AttemptContext,
  type CallJson,
  type EmbeddingRequest,
  type EmbeddingResult,
  type EmbeddingUsage,
} from '@turnout/core/adapter'
import { mergeOptions } from './merge-options.js'

/** What one embeddings endpoint takes in one request. */
export interface EmbeddingRules {
  /** Key of the adapter in `provider_options`. */
  readonly adapter: string
  readonly maxInputs: number
  /** All inputs together; no bound when absent. */
  readonly maxTokens?: number
  /** Ask for base64: a quarter of the bytes. Answers are read in either form. */
  readonly base64: boolean
  /** Field for the size of the vectors. Default `dimensions`; `null`: not taken. */
  readonly dimensionsField?: string | null
  /** Field for `user`. Default `user`; `null`: not taken. */
  readonly userField?: string | null
  /** Sent with every request; `provider_options` add to their objects. */
  readonly fields?: Readonly<Record<string, unknown>>
}

/**
 * Embeds in as many requests as the rules need, one after the other. Vectors come back in the order of the input.
 *
 * @throws GatewayError `invalid_request` for empty texts, `bad_response` for an answer with vectors missing
 */
export async function embedTexts(
  request: EmbeddingRequest,
  attempt: AttemptContext,
  callJson: CallJson,
  rules: EmbeddingRules,
): Promise<EmbeddingResult> {
  const inputs = typeof request.input === 'string' ? [request.input] : request.input
  refuseEmpty(inputs, request, attempt)
  noteDropped(request, attempt, rules)
  const vectors: (readonly number[])[] = []
  let model = attempt.model
  let usage: EmbeddingUsage | undefined
  for (const batch of batches(inputs, rules)) {
    const body = encodeBatch(batch, request, attempt, rules)
    // One after the other: the provider's rate limit counts them all.
    // oxlint-disable-next-line no-await-in-loop
    const answer = await callJson({ method: 'POST', path: '/embeddings', body })
    const read = readBatch(answer, batch.length, attempt)
    vectors.push(...read.vectors)
    model = read.model ?? model
    usage = addUsage(usage, read.usage)
  }
  return { model, vectors, ...(usage && { usage }) }
}

function refuseEmpty(
  inputs: readonly string[],
  { input }: EmbeddingRequest,
  { provider, model }: AttemptContext,
): void {
  const empty = inputs.indexOf('')
  if (inputs.length > 0 && empty < 0) return
  const path = typeof input === 'string' || empty < 0 ? 'input' : `input[${empty}]`
  const message = `${path} is empty; there is nothing to embed, leave it out`
  throw new GatewayError({ code: 'invalid_request', message, path, provider, model })
}

function noteDropped(request: EmbeddingRequest, attempt: AttemptContext, rules: EmbeddingRules): void {
  const why = `${attempt.model} has no such setting`
  if (request.dimensions !== undefined && rules.dimensionsField === null)
    dropSetting(attempt, 'dimensions', why)
  if (request.user !== undefined && rules.userField === null) dropSetting(attempt, 'user', why)
}

/** Two bytes a token is a safe upper guess for every script; a text beyond the bound goes alone and the server decides. */
function* batches(
  inputs: readonly string[],
  { maxInputs, maxTokens = Infinity }: EmbeddingRules,
): Generator<readonly string[]> {
  let batch: string[] = []
  let tokens = 0
  for (const input of inputs) {
    const size = Math.ceil(Buffer.byteLength(input) / 2)
    if (batch.length > 0 && (batch.length === maxInputs || tokens + size > maxTokens)) {
      yield batch
      batch = []
      tokens = 0
    }
    batch.push(input)
    tokens += size
  }
  yield batch
}

function encodeBatch(
  batch: readonly string[],
  request: EmbeddingRequest,
  { model }: AttemptContext,
  rules: EmbeddingRules,
): Record<string, unknown> {
  const body: Record<string, unknown> = { model, input: batch, ...rules.fields }
  if (rules.base64) body.encoding_format = 'base64'
  const { dimensionsField = 'dimensions', userField = 'user' } = rules
  if (request.dimensions !== undefined && dimensionsField !== null) body[dimensionsField] = request.dimensions
  if (request.user !== undefined && userField !== null) body[userField] = request.user
  mergeOptions(body, request.provider_options, rules.adapter, Object.keys(rules.fields ?? {}))
  return body
}

interface Batch {
  readonly vectors: readonly (readonly number[])[]
  readonly model: string | undefined
  readonly usage: EmbeddingUsage | undefined
}

function readBatch(answer: unknown, inputCount: number, { provider, model }: AttemptContext): Batch {
  const vectors: (readonly number[] | undefined)[] = Array.from({ length: inputCount })
  const data = isRecord(answer) && Array.isArray(answer.data) ? answer.data : []
  data.forEach((entry: unknown, position) => {
    if (!isRecord(entry)) return
    const index = typeof entry.index === 'number' ? entry.index : position
    if (index in vectors) vectors[index] = readVector(entry.embedding)
  })
  const missing = vectors.findIndex((vector) => vector === undefined || vector.length === 0)
  if (missing >= 0) {
    const message = `${provider} (${model}) answered without a vector for input ${missing} of ${inputCount}`
    throw new GatewayError({ code: 'bad_response', message, provider, model })
  }
  const { model: answered, usage } = answer as Record<string, unknown>
  return {
    vectors: vectors as readonly (readonly number[])[],
    model: typeof answered === 'string' && answered !== '' ? answered : undefined,
    usage: readUsage(usage),
  }
}

/** Numbers as they are, or little-endian float32 in base64. */
function readVector(embedding: unknown): readonly number[] | undefined {
  if (Array.isArray(embedding))
    return embedding.every((value) => typeof value === 'number') ? embedding : undefined
  if (typeof embedding !== 'string') return undefined
  const bytes = Buffer.from(embedding, 'base64')
  if (bytes.length % 4 !== 0) return undefined
  const vector: number[] = Array.from({ length: bytes.length / 4 })
  for (let i = 0; i < vector.length; i++) vector[i] = bytes.readFloatLE(i * 4)
  return vector
}

function readUsage(usage: unknown): EmbeddingUsage | undefined {
  if (!isRecord(usage)) return undefined
  const total = count(usage.total_tokens)
  const prompt = count(usage.prompt_tokens) ?? total
  return prompt === undefined ? undefined : { prompt_tokens: prompt, total_tokens: total ?? prompt }
}

function addUsage(
  known: EmbeddingUsage | undefined,
  more: EmbeddingUsage | undefined,
): EmbeddingUsage | undefined {
  if (!known || !more) return more ?? known
  return {
    prompt_tokens: known.prompt_tokens + more.prompt_tokens,
    total_tokens: known.total_tokens + more.total_tokens,
  }
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && value > 0 ? value : undefined
}
