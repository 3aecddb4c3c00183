import type { EmbeddingModelV3, LanguageModelV3, ProviderV3 } from '@ai-sdk/provider'
import { NoSuchModelError } from '@ai-sdk/provider'
import type { Gateway } from '@turnout/core'
import { embeddingModel } from './embedding-model.js'
import { languageModel } from './language-model.js'
import type { TurnoutOptions } from './turnout-options.js'

/** The gateway as the AI SDK knows providers: call it for a model. */
export interface TurnoutProvider<Model extends string = string> extends ProviderV3 {
  /** A language model: a route, `provider/model` or a known model id. */
  (modelId: Model): LanguageModelV3
  languageModel(modelId: Model): LanguageModelV3
  embeddingModel(modelId: Model): EmbeddingModelV3
  /** The older name of `embeddingModel`. */
  textEmbeddingModel(modelId: Model): EmbeddingModelV3
}

/**
 * Makes a gateway a provider of the Vercel AI SDK (specification V3: `ai` 6 and 7). The gateway retries and fails over;
 * its errors are marked so that the SDK does not do so again.
 *
 * @example
 * const turnout = createTurnout(gateway)
 * const { text } = await generateText({ model: turnout('fast-summary'), prompt: 'Hello' })
 */
export function createTurnout<Model extends string>(
  gateway: Gateway<Model>,
  options: TurnoutOptions = {},
): TurnoutProvider<Model> {
  const language = (modelId: Model): LanguageModelV3 => languageModel(gateway, modelId, options)
  const embedding = (modelId: Model): EmbeddingModelV3 => embeddingModel(gateway, modelId, options)
  return Object.assign((modelId: Model) => language(modelId), {
    specificationVersion: 'v3' as const,
    languageModel: language,
    embeddingModel: embedding,
    textEmbeddingModel: embedding,
    imageModel(modelId: string): never {
      throw new NoSuchModelError({ modelId, modelType: 'imageModel' })
    },
  })
}
