/** What a client is told of an error; each dialect puts it into its own words. */
import {
  ERROR_CODES,
  isGatewayError,
  type ErrorCode,
  type FailedAttempt,
  type GatewayError,
} from '@turnout/core'
import { briefMessage, isOwnAccount, OWN_ACCOUNT_FAILURE } from './brief-failure.js'
import { isSurfaceFault, type SurfaceFault } from './surface-fault.js'
import type { SurfaceOptions } from './surface-options.js'

export interface Failure {
  /** Of HTTP: the provider's own where it has one. */
  readonly status: number
  readonly code: ErrorCode | 'internal'
  readonly message: string
  /** The field of the request that is wrong. */
  readonly path: string | undefined
  /** Empty when no call was begun. */
  readonly requestId: string
  readonly retryAfterMs: number | undefined
  /** What the gateway knows beyond it; absent where details are not for the client. */
  readonly gateway: FailureFacts | undefined
}

export interface FailureFacts {
  readonly requestId: string
  readonly retryable: boolean
  readonly provider?: string
  readonly model?: string
  readonly phase?: string
  readonly resetsAt?: Date
  readonly attempts: readonly FailedAttempt[]
}

export function describeFailure(error: unknown, { detail = 'full' }: SurfaceOptions): Failure {
  if (isGatewayError(error)) return ofGateway(error, detail === 'full')
  if (isSurfaceFault(error)) return ofFault(error)
  // A fault of ours: what is in it is nobody's business.
  const message = 'the gateway failed to answer; this is a fault of its own'
  return {
    status: 500,
    code: 'internal',
    message,
    path: undefined,
    requestId: '',
    retryAfterMs: undefined,
    gateway: undefined,
  }
}

function ofGateway(error: GatewayError, isFull: boolean): Failure {
  const { code, path, requestId, retryAfterMs } = error
  if (isFull) {
    const { message } = error
    return { status: statusOf(error), code, message, path, requestId, retryAfterMs, gateway: factsOf(error) }
  }
  const told = isOwnAccount(error)
    ? { ...OWN_ACCOUNT_FAILURE, path: undefined }
    : { status: statusOf(error), code, message: briefMessage(error), path }
  return { ...told, requestId, retryAfterMs, gateway: undefined }
}

/** A stream's error comes under 200, and a redirect is no error status. */
function statusOf({ code, status }: GatewayError): number {
  return status !== undefined && status >= 400 && status <= 599 ? status : ERROR_CODES[code].status
}

function factsOf({
  requestId,
  retryable,
  provider,
  model,
  phase,
  resetsAt,
  attempts,
}: GatewayError): FailureFacts {
  return {
    requestId,
    retryable,
    ...(provider !== undefined && { provider }),
    ...(model !== undefined && { model }),
    ...(phase !== undefined && { phase }),
    ...(resetsAt !== undefined && { resetsAt }),
    attempts,
  }
}

const FAULT_CODES: Readonly<Partial<Record<SurfaceFault['status'], ErrorCode>>> = {
  401: 'authentication',
  403: 'permission',
  404: 'not_found',
  408: 'timeout',
  503: 'overloaded',
}

function ofFault({ status, message, path }: SurfaceFault): Failure {
  const code = FAULT_CODES[status] ?? 'invalid_request'
  return { status, code, message, path, requestId: '', retryAfterMs: undefined, gateway: undefined }
}

/** Those of every answer that is an error; `x-should-retry` because the gateway has done all the trying there is. */
export function failureHeaders({
  requestId,
  retryAfterMs,
}: Pick<Failure, 'requestId' | 'retryAfterMs'>): Record<string, string> {
  return {
    'content-type': 'application/json',
    'x-should-retry': 'false',
    ...requestIdHeader(requestId),
    ...(retryAfterMs !== undefined && {
      'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
      'retry-after-ms': String(Math.ceil(retryAfterMs)),
    }),
  }
}

/** A client may have given the id: only what a header can hold goes back. */
export function requestIdHeader(requestId: string): Record<string, string> {
  return /^[\x21-\x7e]{1,200}$/.test(requestId) ? { 'x-request-id': requestId } : {}
}
