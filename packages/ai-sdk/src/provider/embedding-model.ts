import type { EmbeddingModelV3 } from '@ai-sdk/provider'
import type { Gateway } from '@turnout/core'
import { readCallSettings } from './call-settings.js'
import { readHeaders, readMeta, readWarnings } from './read-meta.js'
import { surfaceError } from './surface-error.js'
import type { TurnoutOptions } from './turnout-options.js'

/** `dimensions` and `user` come from `providerOptions.turnout`. */
export function embeddingModel<Model extends string>(
  gateway: Gateway<Model>,
  modelId: Model,
  { name = 'turnout', maxEmbeddingsPerCall = 2_048 }: TurnoutOptions,
): EmbeddingModelV3 {
  return {
    specificationVersion: 'v3',
    provider: name,
    modelId,
    maxEmbeddingsPerCall,
    supportsParallelCalls: true,
    async doEmbed(call) {
      const { options, fields, dimensions, warnings } = readCallSettings(call)
      const { user, provider_options } = fields
      try {
        const answer = await gateway.embed(
          {
            model: modelId,
            input: call.values,
            ...(dimensions !== undefined && { dimensions }),
            ...(user !== undefined && { user }),
            ...(provider_options !== undefined && { provider_options }),
          },
          options,
        )
        const headers = readHeaders(answer.gateway)
        return {
          // Numbers: base64 was not asked for. The SDK writes nothing into them.
          embeddings: answer.data.map(({ embedding }) => embedding as number[]),
          usage: { tokens: answer.usage.prompt_tokens },
          providerMetadata: readMeta(answer.gateway, false),
          ...(headers && { response: { headers } }),
          warnings: [...warnings, ...readWarnings(answer.gateway.warnings)],
        }
      } catch (error) {
        throw surfaceError(error, modelId)
      }
    },
  }
}
