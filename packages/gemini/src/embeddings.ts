import {
  GatewayError,
  isRecord,
  type AttemptContext,
  type CallJson,
  type EmbeddingRequest,
  type EmbeddingResult,
} from '@turnout/core/adapter'
import { methodPath } from './generate-content/encode-request.js'
import { bareModelId } from './models.js'

/** The API's own limit for one call. */
const BATCH_SIZE = 100

/** Vectors by `batchEmbedContents`, a hundred texts a call, in the order of the input. The API counts no tokens. */
export async function embed(
  request: EmbeddingRequest,
  attempt: AttemptContext,
  callJson: CallJson,
): Promise<EmbeddingResult> {
  const texts = typeof request.input === 'string' ? [request.input] : request.input
  const path = methodPath(attempt.model, 'batchEmbedContents')
  const own = request.provider_options?.gemini
  const vectors: (readonly number[])[] = []
  for (let from = 0; from < texts.length; from += BATCH_SIZE) {
    const batch = texts.slice(from, from + BATCH_SIZE)
    const requests = batch.map((text) => ({
      model: `models/${bareModelId(attempt.model)}`,
      content: { parts: [{ text }] },
      ...(request.dimensions !== undefined && { outputDimensionality: request.dimensions }),
      ...own,
    }))
    const read = readVectors(await callJson({ method: 'POST', path, body: { requests } }))
    if (read?.length !== batch.length) throw notVectors(attempt, batch.length)
    // Only full-size vectors come with length 1.
    vectors.push(...(request.dimensions === undefined ? read : read.map(normalise)))
  }
  return { model: attempt.model, vectors }
}

function readVectors(answer: unknown): readonly (readonly number[])[] | undefined {
  if (!isRecord(answer) || !Array.isArray(answer.embeddings)) return undefined
  const vectors: (readonly number[])[] = []
  for (const embedding of answer.embeddings as unknown[]) {
    if (!isRecord(embedding) || !Array.isArray(embedding.values)) return undefined
    vectors.push(embedding.values as number[])
  }
  return vectors
}

function normalise(vector: readonly number[]): readonly number[] {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0))
  return length === 0 ? vector : vector.map((value) => value / length)
}

function notVectors({ provider, model }: AttemptContext, count: number): GatewayError {
  return new GatewayError({
    code: 'bad_response',
    message: `${provider} (${model}) did not answer with ${count} embeddings; check that the model makes embeddings`,
    provider,
    model,
  })
}
