import type { Adapter, ModelCapabilities } from '@turnout/core/adapter'
import { modelTable, type AiSdkSource } from './ai-sdk-models.js'
import { embedValues } from './embed-values.js'
import { createModelSource } from './model-source.js'

export interface FromAiSdkOptions<Model extends string = string> {
  /**
   * Name of the adapter: key of `provider_options` (beside the provider's name in the gateway), tag of `provider_state`.
   * Default: the model's provider; `ai-sdk` for a whole provider, which does not tell its own.
   */
  readonly name?: string
  /** Model ids to list, and to be typed as bare names. */
  readonly models?: readonly Model[]
  /** What a model can do, for routing. Default: nothing known. */
  readonly capabilities?: (model: string) => ModelCapabilities
}

/**
 * Makes a provider of the AI SDK, or one of its models, an adapter. It sends what the model sends, with the model's own
 * key and transport; retries, failover, clocks and accounting are the gateway's.
 *
 * @param source such as `createCohere()` or `cohere('command-a-03-2025')`; specifications V2, V3 and V4
 * @throws GatewayError `invalid_request` for anything else
 * @example
 * const gateway = createGateway({
 *   providers: { cohere: fromAiSdk(createCohere()), openai: openai() },
 *   routes: { 'fast-summary': ['cohere/command-a-03-2025', 'openai/gpt-4.1-mini'] },
 * })
 */
export function fromAiSdk<const Model extends string = string>(
  source: AiSdkSource,
  options: FromAiSdkOptions<Model> = {},
): Adapter<Model> {
  const table = modelTable(source)
  const name = options.name ?? nameOf(table.provider)
  return {
    name,
    models: options.models ?? (table.ids as readonly Model[]),
    chat: (request, attempt) => createModelSource({ table, adapter: name, request, attempt }),
    ...(table.canEmbed && {
      embed: (request, attempt) => embedValues({ table, adapter: name, request, attempt }),
    }),
    ...(options.capabilities && { capabilities: options.capabilities }),
  }
}

/** `openai.responses` is the provider `openai`. */
const nameOf = (provider: string | undefined): string =>
  provider
    ?.split('.')[0]
    ?.trim()
    .toLowerCase()
    .replaceAll(/[^a-z0-9-]+/g, '-') || 'ai-sdk'
