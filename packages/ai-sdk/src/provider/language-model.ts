import type { LanguageModelV3, LanguageModelV3CallOptions } from '@ai-sdk/provider'
import type { Choice, Gateway } from '@turnout/core'
import { encodeCall } from './encode-call.js'
import { readAnswer } from './read-answer.js'
import { readHeaders, readMeta, readWarnings } from './read-meta.js'
import { readFinish, readUsage } from './read-usage.js'
import { streamAnswer } from './stream-answer.js'
import { surfaceError } from './surface-error.js'
import type { TurnoutOptions } from './turnout-options.js'

export function languageModel<Model extends string>(
  gateway: Gateway<Model>,
  modelId: Model,
  { name = 'turnout', supportedUrls = {} }: TurnoutOptions,
): LanguageModelV3 {
  const told = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work()
    } catch (error) {
      throw surfaceError(error, modelId)
    }
  }
  return {
    specificationVersion: 'v3',
    provider: name,
    modelId,
    supportedUrls,
    doGenerate: async (call) =>
      told(async () => {
        const { request, options, warnings } = encodeCall(modelId, call)
        const answer = await gateway.chat(request, options)
        const { message, finish_reason, native_finish_reason } = answer.choices[0] as Choice
        return {
          content: readAnswer(message),
          finishReason: readFinish(finish_reason, native_finish_reason),
          usage: readUsage(answer.usage),
          providerMetadata: readMeta(answer.gateway, false),
          request: { body: request },
          response: {
            id: answer.id,
            timestamp: new Date(answer.created * 1_000),
            modelId: answer.model,
            headers: readHeaders(answer.gateway),
            body: answer,
          },
          warnings: [...warnings, ...readWarnings(answer.gateway.warnings)],
        }
      }),
    doStream: async (call: LanguageModelV3CallOptions) =>
      told(async () => {
        const { request, options, warnings } = encodeCall(modelId, call)
        const answer = gateway.stream(request, options)
        // The first chunks come with the commit: what fails before it rejects here, as an HTTP status would.
        const first = await answer.nextBatch()
        return {
          stream: streamAnswer(answer, first, { modelId, warnings, raw: call.includeRawChunks === true }),
          request: { body: request },
        }
      }),
  }
}
