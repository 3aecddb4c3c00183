import type { Logger } from '@turnout/core'
import { redisError } from './redis-error.js'

/** Says once that limits are not shared any more, and once that they are again. */
export interface FaultTeller {
  fault(error: unknown): void
  recovery(): void
  close(): void
}

/** What is over so soon is not worth a warning. */
const TELL_MS = 250
const CONSEQUENCE = {
  local: 'this process keeps to its part of each',
  open: 'this process keeps to each by itself',
  closed: 'nothing goes out that they count',
}

export function createFaultTeller(
  logger: Logger,
  mode: keyof typeof CONSEQUENCE,
  processes: () => number,
): FaultTeller {
  let timer: NodeJS.Timeout | undefined
  let isTold = false
  const forget = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  return {
    fault(error) {
      timer ??= setTimeout(() => {
        isTold = true
        const facts = { error: redisError(error), mode, processes: processes() }
        logger.warn?.(facts, `turnout: limits are not shared at the moment: ${CONSEQUENCE[mode]}`)
      }, TELL_MS)
      timer.unref()
    },
    recovery() {
      forget()
      if (!isTold) return
      isTold = false
      logger.info?.({ processes: processes() }, 'turnout: limits are shared over Redis again')
    },
    close: forget,
  }
}
