export { openrouter } from './openrouter.js'
export type { OpenRouterOptions } from './openrouter.js'
export type { ProviderPreferences } from './provider-preferences.js'
