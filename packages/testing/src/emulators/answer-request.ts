/** One request at an emulator: key, path, validation, then the script's reply on the wire. */
import type { ServerResponse } from 'node:http'
import { kindOf, type Reply } from '../script/reply.js'
import { resolveAnswer } from '../script/resolve-answer.js'
import type { ScriptedRequest } from '../script/script.js'
import { createAnswerWriter, type AnswerWriter } from './answer-writer.js'
import type { EmulatorReply, RawReply } from './emulator.js'
import { playFault } from './play-fault.js'
import { playStream, playWhole } from './play-answer.js'
import type { RequestRecord } from './recorded-request.js'
import { Refusal, type ChatTurn, type Handled, type IncomingCall, type Vendor } from './vendor.js'

export interface RequestInHand {
  readonly vendor: Vendor
  readonly record: RequestRecord
  readonly response: ServerResponse
  readonly call: IncomingCall
  readonly apiKeys: readonly string[] | undefined
  readonly nextReply: (request: Omit<ScriptedRequest, 'index'>) => Promise<EmulatorReply>
}

export async function answerRequest(inHand: RequestInHand): Promise<void> {
  const { vendor, record, call } = inHand
  const writer = createAnswerWriter(inHand.response, record)
  const { request } = record
  const endpoint = vendor.endpoints.find(
    ({ method, path }) => method === request.method && path.test(call.path),
  )
  if (!endpoint) return writer.answer(vendor.unknownPath(request.method, call.path))
  const { apiKey } = request
  if (apiKey === undefined || inHand.apiKeys?.includes(apiKey) === false)
    return writer.answer(vendor.keyRefusal(apiKey))

  let handled: Handled
  try {
    handled = endpoint.handle(call)
  } catch (error) {
    if (error instanceof Refusal) return writer.answer(vendor.errorAnswer(error.facts, call.random))
    throw error
  }
  if (handled.type === 'json') {
    return writer.answer({ status: 200, headers: vendor.headers(call.random), body: handled.body })
  }
  const { turn } = handled
  record.setModel(turn.model)
  const { model, stream, lastUserText } = turn
  await playReply(
    await inHand.nextReply({ model, stream, lastUserText, body: call.body }),
    turn,
    writer,
    inHand,
  )
}

async function playReply(
  given: EmulatorReply,
  turn: ChatTurn,
  writer: AnswerWriter,
  { vendor, call }: RequestInHand,
): Promise<void> {
  if (isRaw(given)) return writer.raw(given.status ?? 200, given.headers ?? {}, given.body)
  const play = kindOf(given)
  if (!(await writer.pause(play.reply.headersDelayMs ?? 0))) return
  if (play.kind === 'fault') return playFault(play.reply, turn.stream, writer)
  if (play.kind === 'error') return writer.answer(vendor.errorAnswer(play.reply, call.random))
  const answer = resolveAnswer(play.reply, turn)
  const headers = { ...vendor.headers(call.random), ...play.reply.headers }
  if (turn.stream) return playStream(play.reply, turn.streamed(answer), headers, writer)
  return playWhole(
    play.reply,
    answer,
    {
      body: JSON.stringify(turn.whole(answer)),
      headers,
      errorAnswer: (error) => vendor.errorAnswer(error, call.random),
    },
    writer,
  )
}

function isRaw(reply: EmulatorReply): reply is RawReply {
  return typeof reply === 'object' && 'body' in reply && !('error' in (reply as Reply as object))
}
