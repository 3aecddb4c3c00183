import { redactSecrets } from '../platform/redact.js'

const MAX_DEPTH = 4
const MAX_ERRORS = 8
const MAX_TEXT = 500

/** What an error's cause looks like in logs: names, codes and masked messages, never the objects it carries. */
export interface DescribedCause {
  readonly name?: string
  /** A `GatewayError`'s code, or the system's (`ECONNRESET`). */
  readonly code?: string
  readonly message?: string
  /** Of an `AggregateError`. */
  readonly errors?: readonly unknown[]
  readonly cause?: unknown
}

/** Only names, codes and messages are shown: native errors may carry request objects. */
export function describeCause(cause: unknown, depth = 0): DescribedCause | string | undefined {
  if (cause === undefined) return undefined
  if (typeof cause === 'string') return shown(cause)
  if (typeof cause !== 'object' || cause === null) return cause === null ? 'null' : typeof cause
  try {
    return describeError(cause as Record<string, unknown>, depth)
  } catch {
    return 'an object that cannot be read'
  }
}

function describeError(error: Record<string, unknown>, depth: number): DescribedCause | string {
  const { name, code, message, errors, cause } = error
  if (typeof message !== 'string') return 'object'
  // JSON.parse quotes the text it failed on, and that may be an answer or a prompt.
  const quotesInput = name === 'SyntaxError'
  const inner = depth < MAX_DEPTH ? describeCause(cause, depth + 1) : undefined
  return {
    ...(typeof name === 'string' && { name: shown(name) }),
    ...(typeof code === 'string' && { code: shown(code) }),
    ...(message !== '' && !quotesInput && { message: shown(message) }),
    ...(Array.isArray(errors) &&
      depth < MAX_DEPTH && {
        errors: errors.slice(0, MAX_ERRORS).map((one) => describeCause(one, depth + 1)),
      }),
    ...(inner !== undefined && { cause: inner }),
  }
}

/** Masked before it is cut: half a key would no longer look like one. */
function shown(text: string): string {
  const masked = redactSecrets(text.slice(0, 8 * MAX_TEXT))
  return masked.length > MAX_TEXT ? `${masked.slice(0, MAX_TEXT)}…` : masked
}
