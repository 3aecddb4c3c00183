import {
  dropSetting,
  GatewayError,
  type AttemptContext,
  type EmbeddingRequest,
  type EmbeddingResult,
} from '@turnout/core/adapter'
import type { ModelTable } from './ai-sdk-models.js'
import { classifyError } from './classify-error.js'
import { optionsOf } from './encode-options.js'

export interface EmbedCall {
  readonly table: ModelTable
  readonly adapter: string
  readonly request: EmbeddingRequest
  readonly attempt: AttemptContext
}

/** As many texts a call as the model takes, one call after the other: the provider's limits count them all. */
export async function embedValues({ table, adapter, request, attempt }: EmbedCall): Promise<EmbeddingResult> {
  for (const setting of ['dimensions', 'user'] as const) {
    if (request[setting] !== undefined)
      dropSetting(attempt, setting, `the AI SDK has no name for it; see provider_options.${attempt.provider}`)
  }
  const values = typeof request.input === 'string' ? [request.input] : request.input
  try {
    const model = table.embedding(attempt.model)
    const most = (await model.maxEmbeddingsPerCall) ?? values.length
    const providerOptions = optionsOf({ model, adapter, request, attempt })
    const vectors: (readonly number[])[] = []
    let tokens: number | undefined
    for (let from = 0; from < values.length; from += most) {
      const batch = values.slice(from, from + most)
      // oxlint-disable-next-line no-await-in-loop
      const { embeddings, usage } = await model.doEmbed({
        values: batch,
        abortSignal: attempt.signal,
        ...(attempt.headers && { headers: { ...attempt.headers } }),
        ...(providerOptions && { providerOptions }),
      })
      if (embeddings.length !== batch.length) throw fewer(attempt, batch.length, embeddings.length)
      vectors.push(...embeddings)
      if (usage) tokens = (tokens ?? 0) + usage.tokens
    }
    return {
      model: attempt.model,
      vectors,
      ...(tokens !== undefined && { usage: { prompt_tokens: tokens, total_tokens: tokens } }),
    }
  } catch (error) {
    if (!attempt.signal.aborted) throw classifyError(error, attempt, false)
    const { reason } = attempt.signal
    throw new GatewayError({ code: 'aborted', message: 'the call was aborted', cause: reason })
  }
}

const fewer = ({ provider, model }: AttemptContext, asked: number, got: number): GatewayError =>
  new GatewayError({
    code: 'bad_response',
    message: `${provider} (${model}) answered with ${got} embeddings for ${asked} texts`,
    provider,
    model,
  })
