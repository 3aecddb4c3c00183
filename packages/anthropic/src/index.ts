/** Claude models for Turnout, through Anthropic's Messages API. */
export { anthropic } from './anthropic.js'
export type { AnthropicOptions } from './anthropic.js'
export { ANTHROPIC_MODELS } from './models.js'
export type { AnthropicModel, ModelRules } from './models.js'
