export { createTurnout } from './provider/create-turnout.js'
export type { TurnoutProvider } from './provider/create-turnout.js'
export type { TurnoutOptions } from './provider/turnout-options.js'
export type { TurnoutCallOptions } from './provider/call-settings.js'
export type { TurnoutMetadata } from './provider/read-meta.js'

export { fromAiSdk } from './adapter/from-ai-sdk.js'
export type { FromAiSdkOptions } from './adapter/from-ai-sdk.js'
export type {
  AiSdkEmbeddingModel,
  AiSdkLanguageModel,
  AiSdkProvider,
  AiSdkSource,
} from './adapter/ai-sdk-models.js'
