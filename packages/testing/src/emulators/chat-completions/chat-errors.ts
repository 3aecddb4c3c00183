/** Error answers of a vendor of this dialect out of a table: what differs from OpenAI's rows, and the body's shape. */
import type { ErrorReply, ScriptedErrorCode } from '../../script/reply.js'
import { OPENAI_ERRORS, type ErrorRow } from '../openai/openai-errors.js'
import type { JsonRecord } from '../read-json.js'
import type { RefusalFacts, WireAnswer } from '../vendor.js'
import type { ChatProfile } from './chat-profile.js'

type ErrorParts = Pick<ChatProfile, 'errorAnswer' | 'streamError' | 'keyRefusal' | 'unknownPath'>

export interface ChatErrors {
  readonly rows?: Partial<Readonly<Record<ScriptedErrorCode, Partial<ErrorRow>>>>
  /** The body of an error. Default: `{ error: { message, type, param, code } }`. */
  readonly body?: (error: ErrorRow & { readonly param: string | null }) => JsonRecord
  readonly headers?: Readonly<Record<string, string>>
}

export function chatErrors({ rows = {}, body = openaiShape, headers = {} }: ChatErrors): ErrorParts {
  const rowOf = (error: RefusalFacts | ErrorReply): ErrorRow & { readonly param: string | null } => {
    const row: ErrorRow = { ...OPENAI_ERRORS[error.error], ...rows[error.error] }
    const { param = null, code } = error as RefusalFacts
    return {
      ...row,
      ...(error.status !== undefined && { status: error.status }),
      ...(error.message !== undefined && { message: error.message }),
      ...(typeof code === 'string' && { code }),
      param,
    }
  }
  const answer = (error: RefusalFacts | ErrorReply): WireAnswer => {
    const row = rowOf(error)
    const wait = error.retryAfterMs
    return {
      status: row.status,
      headers: {
        ...headers,
        ...(wait !== undefined && { 'retry-after': String(Math.ceil(wait / 1_000)) }),
        ...error.headers,
      },
      body: body(row),
    }
  }
  return {
    errorAnswer: answer,
    streamError: (error) => body(rowOf(error)),
    keyRefusal: (key) =>
      answer(
        key === undefined
          ? { error: 'authentication', message: 'No API key was given.' }
          : { error: 'authentication' },
      ),
    unknownPath: (method, path) => answer({ error: 'not_found', message: `No such path: ${method} ${path}` }),
  }
}

const openaiShape = ({
  message,
  type,
  code,
  param,
}: ErrorRow & { readonly param: string | null }): JsonRecord => ({
  error: { message, type, param, code },
})
