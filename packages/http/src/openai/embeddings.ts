/** `POST /v1/embeddings`. */
import type { EmbeddingRequest, Gateway } from '@turnout/core'
import { jsonHeaders } from '../answer-headers.js'
import { callOptions } from '../call-options.js'
import type { Endpoint } from '../exchange.js'
import { mayUse } from '../may-use.js'
import { readJson } from '../read-json.js'
import { shownMeta } from '../shown-meta.js'
import type { SurfaceOptions } from '../surface-options.js'

export const embeddings = (gateway: Gateway, options: SurfaceOptions): Endpoint => ({
  method: 'POST',
  path: '/v1/embeddings',
  dialect: 'openai',
  async handle(request, caller) {
    const body = readJson(await request.readBody())
    mayUse(caller, body)
    const call = callOptions(request, body, caller)
    const {
      object,
      model,
      data,
      usage,
      gateway: meta,
    } = await gateway.embed(body as unknown as EmbeddingRequest, call)
    const shown = { object, model, data, usage, gateway: shownMeta(meta, options) }
    return { status: 200, headers: jsonHeaders(call.requestId), body: JSON.stringify(shown) }
  },
})
