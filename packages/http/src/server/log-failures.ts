/** Tells whoever runs a server which calls failed: its clients are told less, and its answers show only a status. */
import type { Gateway, GatewayEvents, Logger } from '@turnout/core'

type RequestEnd = GatewayEvents['request-end']

/** Lines of one window. What fails beyond them is counted, so that an outage does not fill a disk. */
const MAX_LINES = 20
const WINDOW_MS = 10_000
const MAX_CHARS = 300

/**
 * One warning for each call of the gateway that failed, 20 in ten seconds at most, then their number by code. Calls that
 * their client gave up are none.
 * @returns ends it
 */
export function logFailures(gateway: Gateway, logger: Logger): () => void {
  let lines = 0
  let left = new Map<string, number>()
  let timer: NodeJS.Timeout | undefined

  const tellRest = (): void => {
    clearTimeout(timer)
    timer = undefined
    lines = 0
    const codes = Object.fromEntries(left)
    left = new Map()
    const total = Object.values(codes).reduce((sum, count) => sum + count, 0)
    if (total === 0) return
    const counts = Object.entries(codes).map(([code, count]) => `${code} ${count}`)
    logger.warn?.({ codes }, `${total} more calls failed: ${counts.join(', ')}`)
  }
  const stop = gateway.on('request-end', (end) => {
    if (!end.error || end.outcome !== 'error') return
    timer ??= setTimeout(tellRest, WINDOW_MS).unref()
    const { code } = end.error
    if (lines++ < MAX_LINES) logger.warn?.(...lineOf(end, end.error))
    else left.set(code, (left.get(code) ?? 0) + 1)
  })
  return () => {
    stop()
    tellRest()
  }
}

function lineOf(
  { requestId, trace }: RequestEnd,
  { code, message }: NonNullable<RequestEnd['error']>,
): readonly [facts: object, message: string] {
  const last = trace.attempts.at(-1)
  const { provider, model } = last ?? {}
  const status = last?.status
  const where = [
    last && `${provider}/${model}`,
    status !== undefined && `status ${status}`,
    // A client may have chosen it.
    shown(requestId),
  ].filter((part) => part)
  const text = `a call failed: ${code} (${where.join(', ')}): ${shown(message)}`
  return [{ requestId, code, provider, model, status, route: trace.route }, text]
}

/** On one line, whatever a provider wrote. */
const shown = (text: string): string => {
  // oxlint-disable-next-line no-control-regex -- what would write over a terminal
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
  return line.length > MAX_CHARS ? `${line.slice(0, MAX_CHARS)}…` : line
}
