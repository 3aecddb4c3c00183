/** Failures as OpenAI words them. */
import type { SurfaceAnswer } from '../exchange.js'
import { failureHeaders, type Failure } from '../failure.js'

/** OpenAI's words for kinds of errors; where it has none of its own, by status. */
function typeOf({ code, status }: Failure): string {
  if (code === 'quota_exhausted' || code === 'budget_exceeded') return 'insufficient_quota'
  if (code === 'rate_limited') return 'rate_limit_error'
  if (status === 401) return 'authentication_error'
  if (status === 403) return 'permission_error'
  if (status === 429) return 'rate_limit_error'
  return status >= 500 ? 'server_error' : 'invalid_request_error'
}

/** Under which OpenAI tells an error, in an answer and in a stream. */
export interface OpenaiErrorBody {
  readonly error: {
    readonly message: string
    readonly type: string
    readonly param: string | null
    readonly code: string
    readonly gateway?: object
  }
}

export function openaiErrorBody(failure: Failure): OpenaiErrorBody {
  const { message, path, code, gateway } = failure
  return { error: { message, type: typeOf(failure), param: path ?? null, code, ...(gateway && { gateway }) } }
}

export const openaiErrorAnswer = (failure: Failure): SurfaceAnswer => ({
  status: failure.status,
  headers: failureHeaders(failure),
  body: JSON.stringify(openaiErrorBody(failure)),
})
