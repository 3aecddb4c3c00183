/** What encoding one request needs everywhere. */
import {
  GatewayError,
  type CacheControl,
  type ProtocolContext,
  type ToolNameMapper,
} from '@turnout/core/adapter'
import type { ChatDialect, ModelRules } from '../chat-dialect.js'

export interface Encoding {
  readonly dialect: ChatDialect
  readonly rules: ModelRules
  readonly context: ProtocolContext
  /** Absent when every tool name is fine as it is. */
  readonly toolNames: ToolNameMapper | undefined
}

/** The role that carries instructions for this model. */
export function systemRole({ dialect, rules }: Encoding): string {
  return rules.systemRole ?? dialect.systemRole
}

/** The field that marks the end of a cacheable prefix; `undefined` where there is no mark asked for or none to set. */
export function cacheMark(
  control: CacheControl | undefined,
  { dialect, rules }: Encoding,
): object | undefined {
  if (!control) return undefined
  const mark = rules.cacheMark ?? dialect.cacheMark
  if (mark === undefined) return undefined
  return mark === 'cache_control'
    ? { cache_control: control }
    : { prompt_cache_breakpoint: { mode: 'explicit' } }
}

/** The request cannot be sent here without changing what it says. */
export function refuse(message: string, path: string, { context }: Pick<Encoding, 'context'>): GatewayError {
  const { provider, model } = context
  return new GatewayError({ code: 'invalid_request', message, path, provider, model })
}
