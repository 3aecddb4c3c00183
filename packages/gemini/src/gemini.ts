import { defineAdapter, type Adapter, type AdapterOptions } from '@turnout/core/adapter'
import { embed } from './embeddings.js'
import { generateContent } from './generate-content/protocol.js'
import { listModels } from './list-models.js'
import { capabilitiesOf, GEMINI_MODELS, type GeminiModel, type ModelRuleOverrides } from './models.js'

export interface GeminiOptions extends AdapterOptions {
  /**
   * How the key is sent: `key` (default) as `x-goog-api-key`, `bearer` as OAuth token, for Vertex AI. With `bearer`
   * give `baseURL` (`https://{region}-aiplatform.googleapis.com/v1/projects/{project}/locations/{region}/publishers/google`)
   * and `apiKey` as a function that hands out a fresh token.
   */
  readonly auth?: 'key' | 'bearer'
  /** What a model takes, by model id, where the built-in table is wrong or too old. Fields left out stay as they are. */
  readonly modelRules?: ModelRuleOverrides
}

/**
 * Google Gemini over its native API. The key: `apiKey`, else the environment variable `GEMINI_API_KEY`.
 *
 * @example
 * const gateway = createGateway({ providers: { gemini: gemini() } })
 * await gateway.chat({ model: 'gemini/gemini-2.5-flash', messages: [{ role: 'user', content: 'Hello' }] })
 */
export function gemini(options: GeminiOptions = {}): Adapter<GeminiModel> {
  const { auth = 'key', modelRules, ...common } = options
  const vertex = auth === 'bearer'
  return defineAdapter(
    {
      name: 'gemini',
      baseURL: 'https://generativelanguage.googleapis.com/v1beta',
      apiKeyVariable: 'GEMINI_API_KEY',
      auth: (key): Readonly<Record<string, string>> =>
        vertex ? { authorization: `Bearer ${key}` } : { 'x-goog-api-key': key },
      models: GEMINI_MODELS,
      protocol: generateContent({ modelRules, vertex }),
      capabilities: (model) => capabilitiesOf(model, modelRules),
      embed,
      listModels,
    },
    common,
  )
}
