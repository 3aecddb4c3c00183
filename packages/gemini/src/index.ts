/** Turnout's adapter for Google Gemini. */
export { gemini } from './gemini.js'
export type { GeminiOptions } from './gemini.js'
export type { GeminiModel, ModelRuleOverrides, ModelRules, ThinkingLevel, ThinkingRule } from './models.js'
