import { requestIdHeader } from './failure.js'

type Headers = Readonly<Record<string, string>>

export const jsonHeaders = (requestId: string): Headers => ({
  'content-type': 'application/json',
  ...requestIdHeader(requestId),
})

/** The last one is for nginx, which would otherwise gather events. */
export const eventStreamHeaders = (requestId: string): Headers => ({
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
  ...requestIdHeader(requestId),
})
