/** `POST /v1/chat/completions`. */
import type { ChatRequest, Gateway } from '@turnout/core'
import { isRecord } from '@turnout/core/adapter'
import { callOptions } from '../call-options.js'
import { openFrames } from '../event-frames.js'
import type { Endpoint } from '../exchange.js'
import { eventStreamHeaders, jsonHeaders } from '../answer-headers.js'
import { mayUse } from '../may-use.js'
import { readJson } from '../read-json.js'
import { shownMeta } from '../shown-meta.js'
import type { SurfaceOptions } from '../surface-options.js'
import { refuseFields } from './refused-fields.js'
import { withStopAtRefusals } from './refusals.js'
import { chunkWriter } from './write-chunks.js'

export const chatCompletions = (gateway: Gateway, options: SurfaceOptions): Endpoint => ({
  method: 'POST',
  path: '/v1/chat/completions',
  dialect: 'openai',
  async handle(request, caller) {
    const body = readJson(await request.readBody())
    mayUse(caller, body)
    refuseFields(body)
    const call = callOptions(request, body, caller)
    // What the body really is the gateway checks, with better words than ours.
    const chat = body as unknown as ChatRequest
    if (body['stream'] === true) {
      const asked = body['stream_options']
      const writer = chunkWriter(isRecord(asked) && asked['include_usage'] === true, options)
      const frames = await openFrames(gateway.stream(chat, call), writer, options.keepAliveMs)
      return { status: 200, headers: eventStreamHeaders(call.requestId), body: frames }
    }
    const answer = await gateway.chat(chat, call)
    // Field by field: a spread in front of other fields makes objects that are slow to write.
    const { id, object, created, model, usage, service_tier, system_fingerprint } = answer
    const choices = withStopAtRefusals(answer.choices)
    const meta = shownMeta(answer.gateway, options)
    const shown = {
      id,
      object,
      created,
      model,
      choices,
      usage,
      service_tier,
      system_fingerprint,
      gateway: meta,
    }
    return { status: 200, headers: jsonHeaders(call.requestId), body: JSON.stringify(shown) }
  },
})
