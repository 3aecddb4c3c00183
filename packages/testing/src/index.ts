/** Test doubles for Turnout. Nothing here imports a test runner. */
export { mockAdapter } from './mock/mock-adapter.js'
export type {
  MockAdapter,
  MockAdapterOptions,
  MockAttempt,
  MockCall,
  MockReply,
} from './mock/mock-adapter.js'
export type {
  AnswerReply,
  ErrorReply,
  FaultReply,
  Pacing,
  Reply,
  ScriptedErrorCode,
  ScriptedToolCall,
  ScriptedUsage,
} from './script/reply.js'
export type { Replies, Script, ScriptedRequest } from './script/script.js'

export { virtualTime } from './virtual-time.js'
export type { VirtualTime, VirtualTimeOptions } from './virtual-time.js'
export { seededRandom } from './seeded-random.js'
export type { SeededRandom } from './seeded-random.js'
export { faultyFetch } from './faulty-fetch.js'
export type { FaultyFetch, FetchCall, FetchFault } from './faulty-fetch.js'
export { createFaultProxy } from './fault-proxy.js'
export type { FaultProxy, FaultProxyOptions, ProxiedConnection } from './fault-proxy.js'
export type { ConnectionToxics, Toxics, ToxicScript } from './fault-proxy-toxics.js'

export { traceOf } from './trace-of.js'
export type { Traceable, TraceOptions } from './trace-of.js'
export { checkChunkInvariants } from '@turnout/core'
export type { ChunkInvariantOptions, ChunkViolation } from '@turnout/core'

export { adapterConformance } from './conformance/adapter-conformance.js'
export type { AdapterConformanceOptions } from './conformance/adapter-conformance.js'
export type { ConformanceCase } from './conformance/conformance-case.js'
export type { ConformanceOptions, MakeAdapter } from './conformance/run-attempt.js'
export type {
  ErrorFixture,
  ExpectedAnswer,
  ExpectedError,
  ExpectedUsage,
  Fixture,
  ResponseFixture,
  StreamFixture,
} from './conformance/fixture.js'

export { ledgerConformance } from './ledger-conformance.js'
export type { LedgerConformanceOptions, OpenLedger } from './ledger-conformance.js'
export { deadLetterConformance } from './dead-letter-conformance.js'
export type {
  DeadLetterBounds,
  DeadLetterConformanceOptions,
  OpenDeadLetters,
} from './dead-letter-conformance.js'
