export { mistral } from './mistral.js'
export type { MistralOptions } from './mistral.js'
export { MISTRAL_MODELS, modelRules } from './models.js'
export type { MistralModel, MistralModelRules } from './models.js'
