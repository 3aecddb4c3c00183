/** What the AI SDK's providers make, loosely: two majors' specifications (V2, V3, V4) differ in a few fields only. */
import type { EmbeddingModelV3, LanguageModelV3 } from '@ai-sdk/provider'
import { GatewayError } from '@turnout/core/adapter'

export interface AiSdkLanguageModel {
  readonly specificationVersion: 'v2' | 'v3' | 'v4'
  readonly provider: string
  readonly modelId: string
  readonly supportedUrls: PromiseLike<Record<string, RegExp[]>> | Record<string, RegExp[]>
  doGenerate(options: never): PromiseLike<unknown>
  doStream(options: never): PromiseLike<unknown>
}

export interface AiSdkEmbeddingModel {
  readonly specificationVersion: 'v2' | 'v3' | 'v4'
  readonly provider: string
  readonly modelId: string
  readonly maxEmbeddingsPerCall: PromiseLike<number | undefined> | number | undefined
  doEmbed(options: never): PromiseLike<unknown>
}

/** Such as `createCohere()`. */
export interface AiSdkProvider {
  languageModel(modelId: string): AiSdkLanguageModel
  embeddingModel?(modelId: string): AiSdkEmbeddingModel
  textEmbeddingModel?(modelId: string): AiSdkEmbeddingModel
}

/** A provider, which serves every model id, or one model. */
export type AiSdkSource = AiSdkProvider | AiSdkLanguageModel | AiSdkEmbeddingModel

export interface ModelTable {
  /** Ids that are known without asking. */
  readonly ids: readonly string[]
  readonly provider: string | undefined
  readonly canEmbed: boolean
  /** @throws what the provider throws for an id that it does not know */
  language(modelId: string): LanguageModelV3
  embedding(modelId: string): EmbeddingModelV3
}

/** @throws GatewayError `invalid_request` for something that is neither model nor provider */
export function modelTable(source: AiSdkSource): ModelTable {
  if (!isObject(source)) throw notAModel()
  if ('doGenerate' in source) return oneModel(source, undefined)
  if ('doEmbed' in source) return oneModel(undefined, source)
  if (typeof source.languageModel === 'function') {
    const { embeddingModel, textEmbeddingModel } = source
    const embedding = embeddingModel ?? textEmbeddingModel
    return {
      ids: [],
      provider: undefined,
      canEmbed: embedding !== undefined,
      language: (id) => checked(source.languageModel(id)) as LanguageModelV3,
      embedding: (id) => checked(embedding?.call(source, id)) as EmbeddingModelV3,
    }
  }
  throw notAModel()
}

function oneModel(
  language: AiSdkLanguageModel | undefined,
  embedding: AiSdkEmbeddingModel | undefined,
): ModelTable {
  const model = checked(language ?? embedding)
  const only = <Model>(known: Model | undefined, id: string): Model => {
    if (known !== undefined && id === model.modelId) return known
    throw new GatewayError({
      code: 'not_found',
      message: `this adapter stands for the one model "${model.modelId}" of ${model.provider}; there is no "${id}"`,
    })
  }
  return {
    ids: [model.modelId],
    provider: model.provider,
    canEmbed: embedding !== undefined,
    language: (id) => only(language, id) as LanguageModelV3,
    embedding: (id) => only(embedding, id) as EmbeddingModelV3,
  }
}

function checked<Model extends AiSdkLanguageModel | AiSdkEmbeddingModel>(model: Model | undefined): Model {
  const version: string | undefined = model?.specificationVersion
  if (model && (version === 'v2' || version === 'v3' || version === 'v4')) return model
  throw new GatewayError({
    code: 'invalid_request',
    message: `a model of the AI SDK's specification ${version ?? '(none)'} is not known here; V2, V3 and V4 are`,
  })
}

/** Providers are functions. */
const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function'

const notAModel = (): GatewayError =>
  new GatewayError({
    code: 'invalid_request',
    message: 'fromAiSdk takes a provider of the AI SDK, such as createCohere(), or one of its models',
  })
