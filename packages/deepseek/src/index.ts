export { deepseek } from './deepseek.js'
export type { DeepSeekOptions } from './deepseek.js'
export { DEEPSEEK_MODELS, modelRules } from './models.js'
export type { DeepSeekModel, DeepSeekModelRules } from './models.js'
