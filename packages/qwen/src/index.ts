export { qwen } from './qwen.js'
export type { QwenOptions, QwenRegion } from './qwen.js'
export { modelRules, QWEN_MODELS } from './models.js'
export type { QwenModel, QwenModelRules } from './models.js'
