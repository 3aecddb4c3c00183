/** What a call says to the gateway beyond the AI SDK's own settings: `providerOptions.turnout`, and some headers. */
import type { SharedV3ProviderOptions, SharedV3Warning } from '@ai-sdk/provider'
import type { CallOptions, ChatRequest, RequestOptions } from '@turnout/core'

/** Key of our options in `providerOptions` and of what we tell in `providerMetadata`. */
export const KEY = 'turnout'

/**
 * `providerOptions.turnout` of one call: the gateway's own call options, and the settings of a request that the AI SDK
 * has no name for.
 *
 * @example
 * generateText({
 *   model: turnout('fast-summary'),
 *   prompt,
 *   providerOptions: { turnout: { priority: 'high', tenant: 'acme', reasoningEffort: 'low' } satisfies TurnoutCallOptions },
 * })
 */
// A type and not an interface: `providerOptions` takes only what is assignable to a JSON object.
export type TurnoutCallOptions = RequestOptions & {
  readonly reasoningEffort?: ChatRequest['reasoning_effort']
  readonly verbosity?: 'low' | 'medium' | 'high'
  readonly parallelToolCalls?: boolean
  readonly serviceTier?: string
  readonly promptCacheKey?: string
  readonly user?: string
  readonly metadata?: Readonly<Record<string, string>>
  /** Ask for the schema to be held strictly, where the provider can. Default `true`. */
  readonly strictJsonSchema?: boolean
  /** Size of the vectors of an embedding model that lets one choose. */
  readonly dimensions?: number
  /** Extra body fields by adapter: see `provider_options` of a request. */
  readonly providerOptions?: ChatRequest['provider_options']
}

export interface CallSettings {
  readonly options: CallOptions
  /** Request fields. */
  readonly fields: Pick<
    ChatRequest,
    | 'reasoning_effort'
    | 'verbosity'
    | 'parallel_tool_calls'
    | 'service_tier'
    | 'prompt_cache_key'
    | 'user'
    | 'metadata'
    | 'provider_options'
  >
  readonly strictJsonSchema: boolean
  readonly dimensions: number | undefined
  readonly warnings: SharedV3Warning[]
}

export interface CallFacts {
  readonly providerOptions?: SharedV3ProviderOptions
  readonly headers?: Readonly<Record<string, string | undefined>>
  readonly abortSignal?: AbortSignal
}

/** Options are checked by the gateway, which names the one that is wrong. */
export function readCallSettings({ providerOptions, headers, abortSignal }: CallFacts): CallSettings {
  const warnings: SharedV3Warning[] = []
  for (const name in providerOptions) {
    if (name === KEY) continue
    warnings.push({
      type: 'unsupported',
      feature: `providerOptions.${name}`,
      details: `a route may lead to any provider: only providerOptions.${KEY} is read, and its providerOptions by adapter`,
    })
  }
  const {
    reasoningEffort,
    verbosity,
    parallelToolCalls,
    serviceTier,
    promptCacheKey,
    user,
    metadata,
    strictJsonSchema = true,
    dimensions,
    providerOptions: byAdapter,
    ...own
  } = (providerOptions?.[KEY] ?? {}) as TurnoutCallOptions
  const options: CallOptions = { ...readHeaders(headers, warnings), ...own }
  return {
    options: abortSignal === undefined ? options : { ...options, signal: abortSignal },
    fields: {
      ...(reasoningEffort !== undefined && { reasoning_effort: reasoningEffort }),
      ...(verbosity !== undefined && { verbosity }),
      ...(parallelToolCalls !== undefined && { parallel_tool_calls: parallelToolCalls }),
      ...(serviceTier !== undefined && { service_tier: serviceTier }),
      ...(promptCacheKey !== undefined && { prompt_cache_key: promptCacheKey }),
      ...(user !== undefined && { user }),
      ...(metadata !== undefined && { metadata }),
      ...(byAdapter !== undefined && { provider_options: byAdapter }),
    },
    strictJsonSchema,
    dimensions,
    warnings,
  }
}

const HEADERS: Readonly<Record<string, 'requestId' | 'idempotencyKey' | 'tenant' | 'session' | 'priority'>> =
  {
    'x-turnout-request-id': 'requestId',
    'x-turnout-idempotency-key': 'idempotencyKey',
    'x-turnout-tenant': 'tenant',
    'x-turnout-session': 'session',
    'x-turnout-priority': 'priority',
  }

/** No header goes to a provider: which one answers is not known yet, and a key for one is not for another to see. */
function readHeaders(headers: CallFacts['headers'], warnings: SharedV3Warning[]): CallOptions {
  const options: Record<string, string> = {}
  for (const name in headers) {
    const value = headers[name]
    const lower = name.toLowerCase()
    if (value === undefined || lower === 'user-agent') continue // the SDK's own, on every call
    const option = HEADERS[lower]
    if (option !== undefined) options[option] = value
    else {
      warnings.push({
        type: 'unsupported',
        feature: `headers.${name}`,
        details: 'it was not sent: give headers to the adapter, where the provider is known',
      })
    }
  }
  return options
}
