/** The messages of `/v1/stream`, from text and to text. */
import type { SurfaceAnswer } from '../exchange.js'

export type StreamMessage =
  | { readonly id: string; readonly cancel: true }
  | { readonly id: string; readonly request: object }
  | { readonly id: string | null; readonly wrong: string }

/** Never throws: what is wrong is told. */
export function readMessage(text: string): StreamMessage {
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return { id: null, wrong: 'the message is not JSON' }
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    return { id: null, wrong: 'the message must be an object, as in { "id": "1", "request": { … } }' }
  const { id, request, cancel } = message as Readonly<Record<string, unknown>>
  if (typeof id !== 'string' || id === '' || id.length > 100)
    return { id: null, wrong: 'id: must be a text of 1 to 100 characters' }
  if (cancel === true) return { id, cancel }
  if (typeof request !== 'object' || request === null || Array.isArray(request))
    return { id, wrong: 'request: must be an object, as the body of a chat completion' }
  return { id, request }
}

/** Frames of an event stream as messages for the request `id`. Its last one says that it is. */
export function* messagesOf(id: string, frames: string): Generator<string> {
  const name = JSON.stringify(id)
  for (const frame of frames.split('\n\n')) {
    if (!frame.startsWith('data: ')) continue
    const data = frame.slice('data: '.length)
    if (data === '[DONE]') yield doneMessage(id)
    else if (data.startsWith('{"error":')) yield `{"id":${name},${data.slice(1)}`
    else yield `{"id":${name},"chunk":${data}}`
  }
}

export const isLast = (message: string, id: string): boolean =>
  !message.startsWith(`{"id":${JSON.stringify(id)},"chunk":`)

export const doneMessage = (id: string): string => JSON.stringify({ id, done: true })
export const cancelledMessage = (id: string): string => JSON.stringify({ id, done: true, cancelled: true })
export const errorMessage = (id: string | null, code: string, message: string): string =>
  JSON.stringify({ id, error: { message, type: 'invalid_request_error', param: null, code } })

/** An answer that is no stream is an error. */
export function refusalMessage(id: string, { status, body }: SurfaceAnswer): string {
  const { error } = JSON.parse(typeof body === 'string' ? body : '{}') as { readonly error?: object }
  return JSON.stringify({ id, status, error })
}
