import type { CommitPoint } from '../attempts/commit-one.js'
import type { PhaseLimits } from '../attempts/phase-timeouts.js'
import type { AttemptSettings } from '../attempts/start-attempt.js'
import type { CallContext } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { Candidate } from '../contract/plan.js'
import type { Runtime } from './runtime.js'

/** Defaults of the clocks that depend on how the answer comes, in milliseconds. */
const FIRST_CONTENT = {
  stream: { usual: 60_000, reasoning: 180_000 },
  /** Headers of a whole answer come when it is complete. */
  whole: { usual: 300_000, reasoning: 600_000 },
}
/** How long keep-alives without content are believed. */
const PROGRESS_MS = 120_000

/** What the attempts of one call have in common. */
export function attemptSettings(runtime: Runtime, call: CallContext, commitAt: CommitPoint): AttemptSettings {
  const { requestId } = call
  const { timeout, upstream } = call.options
  // A limit on the first token can only be kept where tokens are seen coming.
  const stream =
    commitAt === 'content' ||
    (upstream ?? (timeout.firstTokenMs === undefined ? 'whole' : 'stream')) === 'stream'
  return {
    stream,
    limits(candidate): PhaseLimits {
      const kind =
        candidate.adapter.capabilities?.(candidate.model).reasoning === true ? 'reasoning' : 'usual'
      const usual = FIRST_CONTENT[stream ? 'stream' : 'whole'][kind]
      return {
        connectMs: timeout.connectMs,
        headersMs: timeout.headersMs ?? usual,
        firstTokenMs: timeout.firstTokenMs ?? usual,
        idleMs: timeout.idleMs,
        progressMs: PROGRESS_MS,
      }
    },
    headers: ({ provider }) => runtime.providerDefaults.get(provider)?.headers,
    onStart(kind, { provider, model }) {
      runtime.bus.emit('attempt-start', () => ({ requestId, kind, provider, model }))
    },
    onEnd(attempt) {
      runtime.bus.emit('attempt-end', () => ({ requestId, attempt }))
      if (attempt.outcome !== 'error') return
      const { provider, model, error, status } = attempt
      runtime.logger.warn?.(
        { requestId, provider, model, code: error?.code, status },
        `turnout: attempt failed: ${error?.message ?? ''}`,
      )
    },
  }
}

/** The provider's default settings where the request leaves them open; the request itself where there are none. */
export function withDefaults(runtime: Runtime, { provider }: Candidate, request: ChatRequest): ChatRequest {
  const defaults = runtime.providerDefaults.get(provider)
  if (!defaults) return request
  const { headers: _headers, ...settings } = defaults
  return { ...settings, ...request }
}
