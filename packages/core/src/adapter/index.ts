/** The adapter toolkit: everything a provider package is built from. Import it as `@turnout/core/adapter`. */
export type { AdapterOptions, ApiKey } from './adapter-options.js'
export type { AnswerBounds } from './answer-bounds.js'
export { defineAdapter } from './define-adapter.js'
export type { CallJson } from './call-json.js'
export type { AdapterDefinition } from './define-adapter.js'
export type {
  EncodedRequest,
  ErrorAnswer,
  Frame,
  Protocol,
  ProtocolContext,
  StreamState,
} from './protocol.js'
export { codeForStatus, looksLikeContextLength, providerError } from './provider-error.js'
export type { ProviderErrorFacts } from './provider-error.js'
export { parseResetMs, retryAfterMs } from './retry-after.js'
export { deltaChunk, finishChunk, makeUsage, usageChunk } from './chunks.js'
export type { ChunkHead, TokenCounts } from './chunks.js'
export {
  checkToolArguments,
  createToolCallAssembler,
  madeUpToolCallId,
  mapToolCallId,
} from './tool-call-assembler.js'
export type { ToolCallAssembler, ToolCallIdRule, ToolCallPiece } from './tool-call-assembler.js'
export { toolNameMapper } from './names.js'
export type { ToolNameMapper, ToolNameRule } from './names.js'
export { mediaTypeOf, parseDataUrl, partsOf, textOf } from './media.js'
export { makeProviderState, readProviderState } from './provider-state.js'
export type { StateSubject } from './provider-state.js'
export { changeSetting, dropSetting } from './settings.js'
export { isRecord, parseJson } from './json.js'
export { suggest } from '../platform/suggest.js'
export { GatewayError, isGatewayError } from '../errors/gateway-error.js'
export type { StatedQuota } from '../errors/gateway-error.js'
export type { ErrorCode } from '../errors/error-code.js'
export type * from '../contract/adapter.js'
export type * from '../contract/chat-request.js'
export type * from '../contract/chat-response.js'
export type * from '../contract/embedding.js'
export type * from '../contract/json.js'
export type * from '../contract/message-parts.js'
export type { Warning } from '../contract/gateway-meta.js'
