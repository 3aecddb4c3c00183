/** The Responses API: `/responses` and `/responses/input_tokens`. */
import { estimateTokens } from '../../../script/resolve-answer.js'
import { contentText, isRecord, recordsOf, textOf, type JsonRecord } from '../../read-json.js'
import { madeUpId } from '../../made-up.js'
import { Refusal, type ChatTurn, type Endpoint, type IncomingCall } from '../../vendor.js'
import { finalState, responseFacts, responseItems, responseObject } from './response-items.js'
import { validateResponseRequest } from './validate-response-request.js'
import { writeResponseStream } from './write-response-stream.js'

export const responsesEndpoints: readonly Endpoint[] = [
  {
    method: 'POST',
    path: /^\/v1\/responses$/,
    handle: (call) => ({ type: 'chat', turn: responseTurn(call) }),
  },
  {
    method: 'POST',
    path: /^\/v1\/responses\/input_tokens$/,
    handle: (call) => ({
      type: 'json',
      body: { object: 'response.input_tokens', input_tokens: inputTokens(read(call)) },
    }),
  },
]

function read(call: IncomingCall): JsonRecord {
  const body = validateResponseRequest(call.body)
  const model = body['model'] as string
  if (call.models && !call.models.includes(model)) {
    // Unlike Chat Completions: 400, not 404.
    throw new Refusal({
      error: 'invalid_request',
      message: `The requested model '${model}' does not exist.`,
      param: 'model',
      code: 'model_not_found',
    })
  }
  return body
}

function responseTurn(call: IncomingCall): ChatTurn {
  const body = read(call)
  const facts = responseFacts(body, call.random)
  return {
    model: body['model'] as string,
    stream: body['stream'] === true,
    lastUserText: lastUserText(body['input']),
    promptTokens: inputTokens(body),
    makeToolCallId: () => madeUpId('call_', 24, call.random),
    whole: (answer) => responseObject(answer, facts, finalState(answer, responseItems(answer, facts))),
    streamed: (answer) => writeResponseStream(answer, facts),
  }
}

function inputTokens(body: JsonRecord): number {
  return estimateTokens(JSON.stringify([body['instructions'], body['input'], body['tools']]))
}

function lastUserText(input: unknown): string {
  if (typeof input === 'string') return input
  const last = recordsOf(input).findLast((item) => isRecord(item) && textOf(item['role']) === 'user')
  return last ? contentText(last['content']) : ''
}
