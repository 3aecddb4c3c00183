/** What the stages are given: built once by `createGateway`, swapped whole on reload. */
import type { EventBus } from '../events/event-bus.js'
import type { Catalog } from '../accounting/catalog.js'
import type { AcquirePermit } from '../attempts/permit.js'
import type { RetryPolicy } from '../attempts/retry-decision.js'
import type { ResolvedOptions } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { RequestOptions } from '../contract/call-options.js'
import type { Logger } from '../contract/logger.js'
import type { Random } from '../platform/random.js'
import type { RoutingTable } from '../routing/routing-table.js'

/** Settings of one provider that fill what a request leaves open. */
export interface ProviderDefaults extends Partial<
  Omit<ChatRequest, 'model' | 'messages' | 'gateway' | 'stream'>
> {
  /** Sent with every request to this provider. */
  readonly headers?: Readonly<Record<string, string>>
}

export interface Runtime {
  readonly table: RoutingTable
  readonly catalog: Catalog
  readonly bus: EventBus
  readonly logger: Logger
  readonly random: Random
  readonly acquirePermit: AcquirePermit
  readonly retryPolicy: RetryPolicy
  readonly providerDefaults: ReadonlyMap<string, ProviderDefaults>
  readonly defaults: ResolvedOptions
  readonly routeOptions: ReadonlyMap<string, RequestOptions>
}
