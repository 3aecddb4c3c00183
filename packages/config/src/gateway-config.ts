/** What a document becomes, and what its reader has to be given. */
import type { Adapter, Budgets, CatalogOverrides, GatewayOptions, Providers, Routes } from '@turnout/core'

/** Ready for `createGateway`, and for `gateway.reload`. What the document leaves out is empty, not left as it was. */
export interface GatewayConfig {
  readonly providers: Providers
  readonly routes: Routes
  readonly defaults: NonNullable<GatewayOptions['defaults']>
  readonly catalog: CatalogOverrides
  readonly budgets: Budgets
  readonly limits: NonNullable<GatewayOptions['limits']>
  /** Only there when the document has it, or had it before: a queue that the host's own code sets up stays. */
  readonly queue?: NonNullable<GatewayOptions['queue']>
}

/** Any adapter's factory: `openai`, `anthropic`, or a function of yours. It is given what the document says. */
export type AdapterFactory = (options: never) => Adapter

/**
 * The adapters that documents may name.
 * @example
 * const adapters = { openai, anthropic, 'openai-compatible': openaiCompatible }
 */
export type AdapterRegistry = Readonly<Record<string, AdapterFactory>>

/** Fetches a secret by the name behind `secret:`. */
export type ResolveSecret = (name: string) => string | Promise<string>

export type ConfigFormat = 'yaml' | 'json'

export interface ReadOptions {
  readonly adapters: AdapterRegistry
  /**
   * For `secret:NAME`. Asked once when the document is read, so that a wrong name is told at once, and for an `apiKey`
   * that stands alone before each attempt too: keep what you fetched as long as it is good.
   */
  readonly resolveSecret?: ResolveSecret
  /** Where `env:NAME` is looked up. Default `process.env`. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /**
   * Looks at what stands under `server`, `undefined` where nothing does: for the program that serves the gateway, which
   * has it from `serverOf`. What it throws is told with its line.
   * @throws GatewayError `invalid_request` whose `path` begins with `server`
   */
  readonly checkServer?: (section: unknown) => void
}

export interface ParseOptions extends ReadOptions {
  /** Default `yaml`. */
  readonly format?: ConfigFormat
  /** Begins every error message, such as the name of the file. Default `config`. */
  readonly source?: string
}
