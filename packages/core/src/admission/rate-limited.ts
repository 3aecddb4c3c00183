import type { LimitRefusal } from '../contract/limit.js'
import { GatewayError } from '../errors/gateway-error.js'
import { quote } from '../platform/quote.js'
import type { LimitFault } from './limit-rule.js'

/** As `take` gives it, or the plain refusal of another source. */
export type TellableRefusal = LimitRefusal & Partial<LimitFault>

/**
 * The error for what a limit of this gateway does not let go out.
 *
 * @example
 * rateLimited(refusal).message
 * // 'limit "teams" of tenant "acme" has no room: at most 60 requests in 60 s; wait 1.5 s or raise `requests`'
 */
export function rateLimited(refusal: TellableRefusal): GatewayError {
  return new GatewayError({
    code: 'rate_limited',
    message: `${describeLimit(refusal)} ${describeRefusal(refusal)}`,
    retryable: !refusal.tooLarge,
    ...(refusal.retryAfterMs !== null && { retryAfterMs: refusal.retryAfterMs }),
  })
}

/** Which limit, and whose. */
export function describeLimit({ limit, scope, per, learned }: TellableRefusal): string {
  if (learned) return `what ${scope.join(', ')} takes`
  const names = per?.filter((one) => one !== 'all')
  const owners = scope.map((value, i) => `${names?.[i]?.replace(':', ' ') ?? ''} ${quote(value)}`.trimStart())
  return `limit ${quote(limit)}${owners.length > 0 ? ` of ${owners.join(' and ')}` : ''}`
}

function describeRefusal(refusal: TellableRefusal): string {
  const { what, max, need, reason, tooLarge, retryAfterMs, windowMs } = refusal
  if (reason === 'too_many_scopes') {
    return 'has to wait: too many different values of this fact are being counted at once; try again shortly'
  }
  if (reason === 'leasing') return `is being asked for room; ${waitFor(retryAfterMs)}`
  if (reason === 'shared') return `has no room among the processes that share it; ${waitFor(retryAfterMs)}`
  if (reason === 'unreachable') {
    return `is shared, and its store (stores.limits) does not answer, without which nothing goes out; ${waitFor(retryAfterMs)}`
  }
  if (reason === 'held') return 'has no room: other calls are waiting for it; try again shortly'
  const allowed = max === undefined ? '' : `${amount(max, what)}${windowed(what, windowMs)}`
  if (tooLarge) {
    const asked = need === undefined ? 'more' : amount(need, what)
    const than = allowed && `, but only ${allowed} are allowed`
    return `has no room even when it is empty: the request is expected to take ${asked}${than}; raise \`${what}\` or ${LESS[what]}`
  }
  if (refusal.learned)
    return `has no room${allowed && `: ${allowed}, as its answers have taught`}; ${waitFor(retryAfterMs)} or add a target`
  const wait = retryAfterMs === null ? 'wait until a call ends' : `wait ${seconds(retryAfterMs)}`
  return `has no room${allowed && `: at most ${allowed}`}; ${wait} or raise \`${what}\``
}

const LESS: Readonly<Record<LimitRefusal['what'], string>> = {
  requests: 'send fewer requests',
  concurrent: 'send fewer requests at once',
  inputTokens: 'shorten the request',
  outputTokens: 'lower max_tokens to that',
  tokens: 'shorten the request, or lower max_tokens to less than is expected of the answer',
}

function amount(count: number, what: LimitRefusal['what']): string {
  const number = count.toLocaleString('en-US')
  if (what === 'requests') return `${number} request${count === 1 ? '' : 's'}`
  if (what === 'concurrent') return `${number} at the same time`
  if (what === 'tokens') return `${number} token${count === 1 ? '' : 's'}`
  return `${number} ${what === 'inputTokens' ? 'input' : 'output'} token${count === 1 ? '' : 's'}`
}

const windowed = (what: LimitRefusal['what'], windowMs: number | undefined): string =>
  windowMs === undefined || what === 'concurrent' ? '' : ` in ${seconds(windowMs)}`

const waitFor = (ms: number | null): string => (ms === null ? 'try again shortly' : `wait ${seconds(ms)}`)

const seconds = (ms: number): string =>
  ms < 1_000 ? `${ms} ms` : `${(ms / 1_000).toLocaleString('en-US', { maximumFractionDigits: 1 })} s`
