import type { Logger } from '../contract/logger.js'
import type { GatewayError } from '../errors/gateway-error.js'

/** An overload is refused thousands of times a second: the logger hears of each code this often. */
const PAUSE_MS = 1_000

/** Warns of calls that this gateway refused itself, one line a second for each code, with how many there were since the last. */
export function createRefusalTeller(logger: Logger): (error: GatewayError) => void {
  const told = new Map<string, { at: number; untold: number }>()
  return ({ code, requestId, message }) => {
    const now = performance.now()
    const last = told.get(code)
    if (last && now - last.at < PAUSE_MS) {
      last.untold++
      return
    }
    const refused = 1 + (last?.untold ?? 0)
    told.set(code, { at: now, untold: 0 })
    const others = refused === 1 ? '' : ` (${refused - 1} more were refused since the last line)`
    logger.warn?.({ requestId, code, refused }, `turnout: ${message}${others}`)
  }
}
