import type { CallContext, ResolvedOptions } from '../contract/call-context.js'
import type { CallOptions } from '../contract/call-options.js'
import type { RequestOptions } from '../contract/request-options.js'
import { validateCallOptions, validateRequestOptions } from '../contract/validate-options.js'
import { GatewayError } from '../errors/gateway-error.js'
import { createAbortScope, isSignal, type AbortScope, type CallSignal } from '../platform/abort.js'
import { createId } from '../platform/ids.js'
import { withoutUndefined } from '../platform/without-undefined.js'
import { mergeRequirements } from '../routing/merge-requirements.js'
import type { Runtime } from './runtime.js'

/** A call as the gateway tracks it: begun before anything is checked, so that every outcome is accounted for. */
export interface OpenCall {
  readonly requestId: string
  readonly accountId: string
  /** Under which it is kept if it fails for good: a dead letter that is sent again keeps its own. */
  readonly letterId: string
  readonly call: CallContext['call']
  /** The `model` as it was asked for; empty when it was not even a string. */
  readonly requested: string
  readonly startedAt: number
  readonly scope: AbortScope
  readonly input: unknown
  readonly options: CallOptions | undefined
}

/** Opens a call; never throws. */
export function openCall(
  runtime: Runtime,
  call: CallContext['call'],
  input: unknown,
  options: CallOptions | undefined,
  letterId?: string,
): OpenCall {
  const request = readOwn(input, 'model')
  const given = readRequestId(options) ?? readRequestId(readOwn(input, 'gateway'))
  const made = createId(given === undefined ? 'req_' : `${given}~`, runtime.random)
  return {
    requestId: given ?? made,
    accountId: made,
    letterId: letterId ?? made,
    call,
    requested: typeof request === 'string' ? request : '',
    startedAt: performance.now(),
    scope: createAbortScope(readSignal(options)),
    input,
    options,
  }
}

/**
 * The options of a call: the gateway's, the route's, the request's, the call's; the later win, clocks and tags each for
 * themselves. Requirements add up.
 */
function resolveOptions(runtime: Runtime, open: OpenCall): ResolvedOptions {
  const own = validateRequestOptions(readOwn(open.input, 'gateway') as RequestOptions | undefined)
  const given = validateCallOptions(open.options)
  const route = runtime.routeOptions.get(open.requested)
  if (!own && !route && !hasChoices(given)) return runtime.defaults
  const { signal: _signal, ...call } = given ?? {}
  const timeout = {
    ...runtime.defaults.timeout,
    ...(route?.timeout && withoutUndefined(route.timeout)),
    ...(own?.timeout && withoutUndefined(own.timeout)),
    ...(call.timeout && withoutUndefined(call.timeout)),
  }
  const { defaults } = runtime
  const require = mergeRequirements([defaults.require, route?.require, own?.require, call.require])
  const tags = mergeTags([defaults.tags, own?.tags, call.tags])
  const resolved: ResolvedOptions = {
    ...defaults,
    ...(route && withoutUndefined(route)),
    ...(own && withoutUndefined(own)),
    ...withoutUndefined(call),
    timeout,
    ...(require && { require }),
    ...(tags && { tags }),
  }
  if (resolved.timeout.totalMs <= 0) {
    throw new GatewayError({
      code: 'timeout',
      phase: 'total',
      path: 'timeout.totalMs',
      retryable: false,
      message:
        'timeout.totalMs: the deadline has passed before the call began; give it a positive number of milliseconds',
    })
  }
  for (const [clock, limit] of Object.entries(resolved.timeout)) {
    if (limit !== undefined && limit <= 0) {
      throw new GatewayError({
        code: 'invalid_request',
        path: `timeout.${clock}`,
        message: `timeout.${clock}: must be a positive number`,
      })
    }
  }
  return resolved
}

/** Whether there is anything in it but who calls, and until when: that is not of the options any more. */
function hasChoices(given: CallOptions | undefined): boolean {
  for (const key in given) if (key !== 'requestId' && key !== 'signal') return true
  return false
}

type Tags = NonNullable<ResolvedOptions['tags']>

function mergeTags(layers: readonly (Tags | undefined)[]): Tags | undefined {
  let merged: Tags | undefined
  for (const layer of layers) {
    if (layer) merged = merged ? { ...merged, ...withoutUndefined(layer) } : layer
  }
  return merged
}

/** @throws GatewayError `invalid_request` for options that are not valid, `timeout` for a deadline in the past. */
export function beginCall(runtime: Runtime, open: OpenCall): CallContext {
  const options = resolveOptions(runtime, open)
  const warnings: CallContext['warnings'] = []
  const { requestId, accountId, startedAt } = open
  return {
    requestId,
    accountId,
    call: open.call,
    options,
    bounds: runtime.bounds,
    startedAt,
    deadlineAt: startedAt + options.timeout.totalMs,
    scope: open.scope,
    random: runtime.random,
    attempts: [],
    skips: [],
    warnings,
    warn(warning) {
      // The same remark from a retry is one remark.
      if (
        warnings.some(
          (known) =>
            known.code === warning.code && known.path === warning.path && known.provider === warning.provider,
        )
      )
        return
      warnings.push(warning)
      runtime.bus.emit('warning', () => ({ requestId, warning }))
      runtime.logger.warn?.({ requestId, ...warning }, `turnout: ${warning.message}`)
    },
  }
}

/** Reads one field of what may be anything, getters that throw included. */
function readOwn(value: unknown, key: string): unknown {
  try {
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined
  } catch {
    return undefined
  }
}

function readRequestId(options: unknown): string | undefined {
  const id = readOwn(options, 'requestId')
  return typeof id === 'string' && id !== '' ? id.slice(0, 200) : undefined
}

function readSignal(options: unknown): CallSignal | undefined {
  const signal = readOwn(options, 'signal')
  try {
    return isSignal(signal) ? signal : undefined
  } catch {
    return undefined
  }
}
