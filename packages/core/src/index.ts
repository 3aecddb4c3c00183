export { createGateway } from './gateway/create-gateway.js'
export type { CheckedModel, Gateway, ListedName, ModelName } from './gateway/gateway.js'
export type {
  GatewayOptions,
  HealthOptions,
  ProviderConfig,
  Providers,
  RouteConfig,
  RouteOptions,
  RouteTarget,
  Routes,
  TargetName,
} from './gateway/gateway-options.js'
export type { ProviderDefaults } from './pipeline/runtime.js'
export type { QualityOverrides } from './routing/quality-table.js'
export { explanationText } from './gateway/explanation-text.js'
export type { EstimateOptions, ExplainableRequest, ExplainOptions } from './gateway/explain.js'
export { experimentText } from './gateway/experiment-text.js'
export type * from './contract/experiment.js'
export type * from './contract/explanation.js'
export type * from './contract/routing.js'
export type * from './contract/traffic.js'
export type * from './contract/dead-letter.js'
export type * from './contract/limit.js'
export type * from './contract/shared-limits.js'
export type { DeadLetters } from './gateway/dead-letters.js'
export type { ReloadOptions } from './gateway/reload-options.js'
export type { ChatStream } from './gateway/chat-stream.js'
export type { StreamPart } from './gateway/stream-parts.js'

export { GatewayError, isGatewayError } from './errors/gateway-error.js'
export type { FailedAttempt, GatewayErrorInit } from './errors/gateway-error.js'
export { ERROR_CODES } from './errors/error-code.js'
export type { ErrorCode, ErrorVerdict, TimeoutPhase } from './errors/error-code.js'

export type * from './contract/chat-request.js'
export type * from './contract/chat-response.js'
export type * from './contract/message-parts.js'
export type * from './contract/json.js'
export type * from './contract/embedding.js'
export type * from './contract/object.js'
export type * from './contract/call-options.js'
export type { CallSignal } from './platform/abort.js'
export type * from './contract/request-options.js'
export type * from './contract/request-bounds.js'
export type * from './contract/gateway-meta.js'
export type * from './contract/gateway-event.js'
export type * from './contract/target-health.js'
export type { Logger } from './contract/logger.js'
export type { Target, Verdict } from './contract/target.js'
export type * from './contract/price.js'
export type * from './contract/estimate.js'
export type * from './contract/ledger.js'
export type * from './contract/budget.js'
export type * from './contract/task-classifier.js'

export { createMemoryDeadLetters } from './admission/memory-dead-letters.js'
export type { CountableRequest, CountedModel, TokenCounter } from './contract/token-counter.js'
export { createMemoryLedger } from './accounting/ledger.js'
export type { MemoryLedger, MemoryLedgerOptions } from './accounting/ledger.js'
export { exportLedger } from './accounting/export-ledger.js'
export { reconcile } from './accounting/reconcile.js'
export type { Reconciliation } from './accounting/reconcile.js'

// For packages that build on the gateway: adapters, stores, test tools.
export { createGrouping, entryFilter, groupEntries } from './accounting/group-entries.js'
export type { EntryGrouping, EntryQuery } from './accounting/group-entries.js'
export type * from './contract/adapter.js'
export type { Store } from './contract/store.js'
export type { Random } from './platform/random.js'
export { checkChunkInvariants } from './contract/chunk-invariants.js'
export type { ChunkInvariantOptions, ChunkViolation } from './contract/chunk-invariants.js'
export { createChunkCollector } from './contract/collect-chunks.js'
export type { ChunkCollector } from './contract/collect-chunks.js'
export { responseToChunks } from './contract/response-to-chunks.js'
export type { AnyListener, GatewayListener } from './events/event-bus.js'
