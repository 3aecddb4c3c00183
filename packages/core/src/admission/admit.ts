import type { CallContext } from '../contract/call-context.js'

/** A call's place among the running ones, with what was reserved for it. Released once, when the call has ended. */
export interface Admission {
  release(): void
}

const FREE: Admission = { release() {} }

/** Without limits and budgets every call is admitted at once. */
export function admit(_call: CallContext): Admission {
  return FREE
}
