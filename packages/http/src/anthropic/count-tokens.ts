/** `POST /v1/messages/count_tokens`, answered here: nothing is sent upstream. */
import type { Gateway, TargetEstimate } from '@turnout/core'
import { jsonHeaders } from '../answer-headers.js'
import { callOptions } from '../call-options.js'
import type { Endpoint } from '../exchange.js'
import { mayName } from '../may-use.js'
import { readJson } from '../read-json.js'
import type { SurfaceOptions } from '../surface-options.js'
import { requestIdHeaders } from './headers.js'
import { readBetas } from './read-betas.js'
import { toChatRequest } from './to-chat-request.js'

export const countTokens = (gateway: Gateway, options: SurfaceOptions): Endpoint => ({
  method: 'POST',
  path: '/v1/messages/count_tokens',
  dialect: 'anthropic',
  async handle(request, caller) {
    const body = readJson(await request.readBody())
    const call = callOptions(request, body, caller)
    const { request: asked } = toChatRequest(body, readBetas(request, options))
    mayName(caller, asked)
    const [first] = await gateway.estimate(asked, { ...call, exact: true })
    return {
      status: 200,
      headers: { ...jsonHeaders(call.requestId), ...requestIdHeaders(call.requestId) },
      body: JSON.stringify(first ? counted(first) : { input_tokens: 0 }),
    }
  },
})

/** For the target that would be asked first; how well it is known stands beside it. */
function counted({ provider, model, method, tokens: { input } }: TargetEstimate): object {
  return {
    input_tokens: Math.ceil(input.expected),
    gateway: {
      provider,
      model,
      method,
      estimated: method === 'estimate' || method === 'scaled',
      lower: input.lower,
      upper: input.upper,
    },
  }
}
