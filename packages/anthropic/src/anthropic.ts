import { defineAdapter, type Adapter, type AdapterOptions } from '@turnout/core/adapter'
import { listModels } from './list-models.js'
import { messagesProtocol } from './messages/protocol.js'
import {
  ANTHROPIC_MODELS,
  capabilitiesFor,
  rulesFor,
  type AnthropicModel,
  type ModelRules,
} from './models.js'

/**
 * The version that works with every model. Later ones refuse sampling settings everywhere.
 * https://platform.claude.com/docs/en/api/versioning
 */
const DEFAULT_VERSION = '2023-06-01'

export interface AnthropicOptions extends AdapterOptions {
  /** The `anthropic-version` header. Default `2023-06-01`. */
  readonly version?: string
  /** Beta features for the `anthropic-beta` header; one request adds its own as `provider_options.anthropic.betas`. */
  readonly betas?: readonly string[]
  /**
   * Corrections of what this package knows about models, by the id that is sent: for models newer than it, and for
   * other vendors' models behind a Messages endpoint.
   */
  readonly modelRules?: Readonly<Record<string, Partial<ModelRules>>>
}

/**
 * The adapter for Claude models through the Messages API. The key comes from `apiKey` or `ANTHROPIC_API_KEY`.
 *
 * `baseURL` is the server without `/v1`, as for Anthropic's own SDKs.
 *
 * @example
 * const gateway = createGateway({ providers: { anthropic: anthropic() } })
 * await gateway.chat({ model: 'anthropic/claude-opus-4-8', messages: [{ role: 'user', content: 'Hello' }] })
 *
 * @example
 * anthropic({ betas: ['context-management-2025-06-27'], modelRules: { 'claude-next': { thinkingOff: 'disabled' } } })
 */
export function anthropic(options: AnthropicOptions = {}): Adapter<AnthropicModel> {
  const { version = DEFAULT_VERSION, betas = [], modelRules = {}, ...adapterOptions } = options
  const rules = (model: string): ModelRules => {
    const known = rulesFor(model)
    return Object.hasOwn(modelRules, model) ? { ...known, ...modelRules[model] } : known
  }
  return defineAdapter(
    {
      name: 'anthropic',
      baseURL: 'https://api.anthropic.com',
      apiKeyVariable: 'ANTHROPIC_API_KEY',
      auth: (apiKey) => ({ 'x-api-key': apiKey }),
      headers: {
        'anthropic-version': version,
        ...(betas.length > 0 && { 'anthropic-beta': betas.join(',') }),
      },
      requestIdHeader: 'request-id',
      models: ANTHROPIC_MODELS,
      protocol: messagesProtocol({ version, betas, rulesFor: rules }),
      capabilities: (model) => capabilitiesFor(rules(model)),
      listModels: (_attempt, callJson) => listModels(callJson, rules),
    },
    {
      ...adapterOptions,
      ...(adapterOptions.baseURL !== undefined && { baseURL: withoutVersion(adapterOptions.baseURL) }),
    },
  )
}

/** Paths begin with `/v1`; many write it into the base URL as well. */
const withoutVersion = (baseURL: string): string => baseURL.replace(/\/v1\/?$/, '')
