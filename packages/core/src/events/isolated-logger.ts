import type { Logger } from '../contract/logger.js'
import { settleQuietly } from './settle-quietly.js'

/** The host's logger, with only the methods it has; one that throws loses its line, not the call it speaks of. */
export function isolatedLogger(logger: Logger): Logger {
  const isolated: { -readonly [Level in keyof Logger]: Logger[Level] } = {}
  for (const level of ['debug', 'info', 'warn', 'error'] as const) {
    if (logger[level]) {
      isolated[level] = (facts, message) => {
        settleQuietly(() => logger[level]?.(facts, message), ignore)
      }
    }
  }
  return isolated
}

const ignore = (): void => {}
