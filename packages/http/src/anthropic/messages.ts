/** `POST /v1/messages`. */
import type { Gateway } from '@turnout/core'
import { eventStreamHeaders, jsonHeaders } from '../answer-headers.js'
import { callOptions } from '../call-options.js'
import { openFrames } from '../event-frames.js'
import type { Endpoint } from '../exchange.js'
import { mayName } from '../may-use.js'
import { readJson } from '../read-json.js'
import type { SurfaceOptions } from '../surface-options.js'
import { threadsRefused } from './anthropic-error.js'
import { requestIdHeaders } from './headers.js'
import { mayPassOnOwn } from './may-pass-on.js'
import { readBetas } from './read-betas.js'
import { isGiven } from './read-value.js'
import { toChatRequest } from './to-chat-request.js'
import { toMessage } from './to-message.js'
import { eventWriter } from './write-events.js'

export const messages = (gateway: Gateway, options: SurfaceOptions): Endpoint => ({
  method: 'POST',
  path: '/v1/messages',
  dialect: 'anthropic',
  async handle(request, caller) {
    const body = readJson(await request.readBody())
    const call = callOptions(request, body, caller)
    if (isGiven(body['thread'])) return threadsRefused(call.requestId)
    const read = toChatRequest(body, readBetas(request, options))
    mayName(caller, read.request)
    mayPassOnOwn(caller, body)
    const ids = requestIdHeaders(call.requestId)
    if (read.stream) {
      const stream = gateway.stream(read.request, call)
      const frames = await openFrames(stream, eventWriter(read, options), options.keepAliveMs)
      return { status: 200, headers: { ...eventStreamHeaders(call.requestId), ...ids }, body: frames }
    }
    const answer = await gateway.chat(read.request, call)
    return {
      status: 200,
      headers: { ...jsonHeaders(call.requestId), ...ids },
      body: JSON.stringify(toMessage(answer, read, options)),
    }
  },
})
