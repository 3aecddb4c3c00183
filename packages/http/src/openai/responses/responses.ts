/** `POST /v1/responses`: what the clients of OpenAI's Responses API use of it. */
import type { ChatMessage, ChatRequest, Gateway, RequestOptions } from '@turnout/core'
import { isRecord } from '@turnout/core/adapter'
import { eventStreamHeaders, jsonHeaders } from '../../answer-headers.js'
import { callOptions } from '../../call-options.js'
import { openFrames } from '../../event-frames.js'
import type { Caller, Endpoint } from '../../exchange.js'
import { describeFailure } from '../../failure.js'
import { mayUse } from '../../may-use.js'
import { readJson, type JsonRecord } from '../../read-json.js'
import { shownMeta } from '../../shown-meta.js'
import type { SurfaceOptions } from '../../surface-options.js'
import { openaiErrorBody } from '../openai-error.js'
import { readInput, readInstructions } from './read-input.js'
import { readRequest } from './read-request.js'
import { refuse } from '../../surface-fault.js'
import { createResponseMemory, type ResponseMemory } from './response-memory.js'
import type { ResponseObject } from './wire-types.js'
import { createEventWriter, type WrittenFailure } from './write-events.js'
import { beginResponse, writeResponse } from './write-response.js'

const MAX_REMEMBERED = 1_000

export function responses(gateway: Gateway, options: SurfaceOptions): Endpoint {
  const memory = createResponseMemory(options.rememberedResponses ?? MAX_REMEMBERED)
  const describe = (error: unknown): WrittenFailure => openaiErrorBody(describeFailure(error, options)).error
  return {
    method: 'POST',
    path: '/v1/responses',
    dialect: 'openai',
    async handle(request, caller) {
      const body = readJson(await request.readBody())
      mayUse(caller, body)
      const call = callOptions(request, body, caller)
      const owner = ownerOf(caller, call.tenant ?? ownTenant(body))
      const turns = conversation(body, memory, owner)
      const messages = [...readInstructions(body.instructions), ...turns]
      const chat: ChatRequest = { ...readRequest(body, messages), ...ownOptions(body) }
      const begun = beginResponse(body, Date.now())
      const remember = ({ id, output }: ResponseObject): void => {
        if (body.store === false) return
        memory.keep(owner, id, { messages: [...turns, ...readInput(output, findNothing)], output })
      }
      if (body.stream === true) {
        const writer = createEventWriter(begun, describe, remember, (meta) => shownMeta(meta, options))
        const frames = await openFrames(gateway.stream(chat, call), writer, options.keepAliveMs)
        return { status: 200, headers: eventStreamHeaders(call.requestId), body: frames }
      }
      const answer = await gateway.chat(chat, call)
      const response = writeResponse(begun, answer, shownMeta(answer.gateway, options))
      remember(response)
      return { status: 200, headers: jsonHeaders(call.requestId), body: JSON.stringify(response) }
    },
  }
}

const ownTenant = ({ gateway }: JsonRecord): unknown => (isRecord(gateway) ? gateway['tenant'] : undefined)

/** A tenant shares its answers among its keys; a key without one keeps its own apart, whatever tenant it names. */
function ownerOf({ options, account }: Caller, named: unknown): string {
  return JSON.stringify(options.tenant === undefined ? [account ?? null, named ?? null] : options.tenant)
}

/** Instructions are those of one request: earlier ones do not come back. */
function conversation(
  { input, previous_response_id: previous }: JsonRecord,
  memory: ResponseMemory,
  owner: string,
): readonly ChatMessage[] {
  const turns = readInput(input, (id) => memory.findItem(owner, id))
  if (previous === undefined || previous === null) return turns
  const found = typeof previous === 'string' ? memory.find(owner, previous) : undefined
  if (found) return [...found.messages, ...turns]
  throw refuse(
    'previous_response_id',
    'is no answer that this process remembers; send the whole conversation as input',
  )
}

const findNothing = (): undefined => undefined

/** The gateway checks what is in it. */
const ownOptions = ({ gateway }: JsonRecord): Pick<ChatRequest, 'gateway'> =>
  gateway === undefined ? {} : { gateway: gateway as RequestOptions }
