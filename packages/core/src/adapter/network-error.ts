import type { TimeoutPhase } from '../errors/error-code.js'
import { GatewayError, isGatewayError, type GatewayErrorInit } from '../errors/gateway-error.js'
import { beyondBound } from './answer-bounds.js'
import { badResponse, streamInterrupted, type Asked } from './answer-error.js'

/** Where in an exchange a connection failed. */
export interface NetworkErrorFacts extends Asked {
  /** Host and port that was called. */
  readonly host: string
  /** `body`: the answer's headers had come. */
  readonly phase: 'open' | 'body'
  readonly stream: boolean
  /** Host and port of the proxy, when one is in use. */
  readonly proxy?: string
}

/** Certificates do not get better by trying again. */
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|INVALID_CA|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_TLS_CERT)/
const TLS_PROTOCOL = /^(?:EPROTO|ERR_SSL_|ERR_TLS_)/
/** What came is not HTTP as it should be. */
const HTTP_VIOLATION = /^(?:HPE_|UND_ERR_RES_)/

/** Timeouts of a dispatcher that was given to us; our own pools have none. */
const TIMEOUTS: ReadonlyMap<string, TimeoutPhase> = new Map([
  ['UND_ERR_CONNECT_TIMEOUT', 'connect'],
  ['ETIMEDOUT', 'connect'],
  ['UND_ERR_HEADERS_TIMEOUT', 'headers'],
  ['UND_ERR_BODY_TIMEOUT', 'idle'],
])

const SENTENCES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'the host name could not be resolved'],
  ['EAI_AGAIN', 'the name server did not answer'],
  ['ECONNRESET', 'the connection was reset'],
  ['EPIPE', 'the connection was closed'],
  ['UND_ERR_SOCKET', 'the connection was closed'],
  ['EHOSTUNREACH', 'the host cannot be reached'],
  ['ENETUNREACH', 'the network cannot be reached'],
])

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', '; nobody listens there: start the server or mend baseURL'],
  ['ENOTFOUND', '; check baseURL'],
])

/** What went wrong below HTTP, as a `GatewayError` with the native error as cause. */
export function networkError(error: unknown, facts: NetworkErrorFacts): GatewayError {
  if (isGatewayError(error)) return error
  const { code, cause } = nativeError(error)
  const make = (
    init: Pick<GatewayErrorInit, 'code' | 'message' | 'phase' | 'retryable' | 'status'>,
  ): GatewayError => new GatewayError({ ...init, provider: facts.provider, model: facts.model, cause })

  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return make({ code: 'closed', message: `the connections of ${facts.provider} have been closed` })
  }
  const timeout = TIMEOUTS.get(code)
  if (timeout !== undefined) {
    return make({
      code: 'timeout',
      phase: timeout,
      message: `${facts.provider}: the transport's own timeout ran out (${code})`,
    })
  }
  if (facts.phase === 'body' && facts.stream) return streamInterrupted(facts, `broke off (${code})`, cause)
  if (code === 'UND_ERR_HEADERS_OVERFLOW')
    return beyondBound(facts, `headers that are too long (${code})`, 'maxHeaderBytes', cause)
  if (HTTP_VIOLATION.test(code)) return badResponse(facts, `a violation of HTTP (${code})`, cause)
  const refusal = proxyRefusal(cause)
  if (refusal !== undefined) {
    const message = `the proxy${facts.proxy === undefined ? '' : ` ${facts.proxy}`} refused to connect to ${facts.host} (${refusal})`
    const advice = refusal === 407 ? '; check the credentials in its URL' : ''
    return make({ code: 'upstream_error', message: message + advice, retryable: refusal >= 500 })
  }
  if (code === 'UND_ERR_INVALID_ARG') {
    return make({
      code: 'invalid_request',
      message: `${facts.provider}: the request cannot be sent: ${cause.message}`,
    })
  }
  const place = facts.proxy === undefined ? facts.host : `${facts.host} through the proxy ${facts.proxy}`
  if (CERTIFICATE.test(code)) {
    const advice = 'for a private authority set NODE_EXTRA_CA_CERTS'
    return make({
      code: 'upstream_error',
      message: `${place}: the certificate is not trusted (${code}); ${advice}`,
      retryable: false,
    })
  }
  if (TLS_PROTOCOL.test(code)) {
    return make({ code: 'upstream_error', message: `${place}: TLS failed (${code})`, retryable: false })
  }
  const sentence = SENTENCES.get(code) ?? 'the connection failed'
  // A `fetch` of the host's may fail in its own words, without a code.
  const reason = code === cause.name && cause.message !== '' ? cause.message : code
  return make({
    code: 'upstream_error',
    message: `${place}: ${sentence} (${reason})${ADVICE.get(code) ?? ''}`,
  })
}

/** `fetch` wraps the error of the socket; several addresses tried make an error of errors. */
function nativeError(error: unknown): { code: string; cause: Error } {
  let cause = error instanceof Error ? error : new Error('not an error')
  for (let depth = 0; depth < 4; depth++) {
    const { code } = cause as { code?: unknown }
    if (typeof code === 'string' && code !== '') return { code, cause }
    const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause.cause
    if (!(inner instanceof Error)) break
    cause = inner
  }
  return { code: cause.name, cause }
}

/** undici tells a proxy's answer to CONNECT only in words. */
function proxyRefusal(cause: Error): number | undefined {
  const status = /^Proxy response \((\d{3})\)|^Proxy Authentication Required \((407)\)/.exec(cause.message)
  return status ? Number(status[1] ?? status[2]) : undefined
}
