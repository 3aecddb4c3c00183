export { xai } from './xai.js'
export type { XaiOptions } from './xai.js'
export { modelRules, XAI_MODELS } from './models.js'
export type { XaiModel, XaiModelRules } from './models.js'
