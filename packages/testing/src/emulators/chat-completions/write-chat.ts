/** An answer in the Chat Completions dialect: whole, and as a stream of chunks. */
import type { Answer, Piece } from '../../script/resolve-answer.js'
import { madeUpId, nowSeconds } from '../made-up.js'
import { isRecord, type JsonRecord } from '../read-json.js'
import type { StreamWire } from '../vendor.js'
import type { ChatProfile } from './chat-profile.js'

const DONE = 'data: [DONE]\n\n'

/** Head of an answer and the parts of the request that shape it. */
export interface ChatAnswerFacts {
  readonly profile: ChatProfile
  readonly id: string
  readonly created: number
  readonly choiceCount: number
  readonly includeUsage: boolean
  readonly logprobs: boolean
  readonly forcedTool: boolean
}

export function chatAnswerFacts(
  profile: ChatProfile,
  body: JsonRecord,
  random: () => number,
): ChatAnswerFacts {
  const options = body['stream_options']
  const asked = isRecord(options) && options['include_usage'] === true
  return {
    profile,
    id: madeUpId('chatcmpl-', 29, random),
    created: nowSeconds(),
    choiceCount: typeof body['n'] === 'number' ? body['n'] : 1,
    includeUsage: profile.streamUsage.when === 'always' || asked,
    logprobs: body['logprobs'] === true,
    forcedTool: isRecord(body['tool_choice']),
  }
}

export function writeChatCompletion(answer: Answer, facts: ChatAnswerFacts): JsonRecord {
  const { profile } = facts
  const message = {
    role: 'assistant',
    content:
      answer.text === '' && (answer.toolCalls.length > 0 || answer.refusal !== '') ? null : answer.text,
    ...(answer.reasoning ? reasoningOf(answer, profile) : {}),
    refusal: answer.refusal === '' ? null : answer.refusal,
    ...(answer.toolCalls.length > 0
      ? {
          tool_calls: answer.toolCalls.map(({ id, name, arguments: args }) => ({
            id,
            type: 'function',
            function: { name, arguments: args },
          })),
        }
      : {}),
    annotations: [],
  }
  const words = answer.pieces.flatMap((piece) => (piece.type === 'text' ? [piece.text] : []))
  return {
    id: facts.id,
    object: 'chat.completion',
    created: facts.created,
    model: answer.model,
    choices: Array.from({ length: facts.choiceCount }, (_, index) => ({
      index,
      message,
      logprobs: facts.logprobs ? logprobsOf(words) : null,
      finish_reason: finishWord(answer, facts),
    })),
    ...(answer.usage ? { usage: profile.writeUsage(answer.usage) } : {}),
    ...profile.extras,
  }
}

function reasoningOf({ reasoning, text }: Answer, profile: ChatProfile): object {
  const { reasoningField: field, reasoningDetails } = profile
  if (field === undefined) return {}
  if (field === 'thinking-parts') return { content: [thinkingPart(reasoning), { type: 'text', text }] }
  return { [field]: reasoning, ...(reasoningDetails && { reasoning_details: reasoningDetails(reasoning) }) }
}

const thinkingPart = (text: string): object => ({ type: 'thinking', thinking: [{ type: 'text', text }] })

export function writeChatStream(answer: Answer, facts: ChatAnswerFacts): StreamWire {
  const { profile } = facts
  const usageKey = facts.includeUsage && profile.streamUsage.place === 'own-chunk' ? { usage: null } : {}
  const chunk = (choices: readonly unknown[], more: object = usageKey): string =>
    `data: ${JSON.stringify({ id: facts.id, object: 'chat.completion.chunk', created: facts.created, model: answer.model, ...profile.extras, choices, ...more })}\n\n`
  const choices = Array.from({ length: facts.choiceCount }, (_, index) => index)
  const each = (delta: object, finish: string | null, logprobs: object | null, more?: object): string =>
    choices.map((index) => chunk([{ index, delta, logprobs, finish_reason: finish }], more)).join('')

  const usage = answer.usage && facts.includeUsage ? profile.writeUsage(answer.usage) : undefined
  const onFinish = usage && profile.streamUsage.place === 'finish-chunk' ? { usage } : undefined
  const empty = { index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }
  const onOwnChunk =
    usage && profile.streamUsage.place !== 'finish-chunk'
      ? chunk(profile.streamUsage.place === 'own-chunk' ? [] : [empty], { usage })
      : ''
  const nothing = profile.reasoningField && answer.reasoning ? null : ''
  return {
    contentType: 'text/event-stream; charset=utf-8',
    head: each({ role: 'assistant', content: nothing, refusal: null }, null, null),
    pieces: answer.pieces.map((piece) => {
      const delta = deltaOf(piece, answer, profile)
      return delta
        ? each(delta, null, facts.logprobs && piece.type === 'text' ? logprobsOf([piece.text]) : null)
        : ''
    }),
    tail: each({}, finishWord(answer, facts), null, onFinish) + onOwnChunk,
    endMark: DONE,
    ping: profile.ping,
    errorEvent: (error) => `data: ${JSON.stringify(profile.streamError(error))}\n\n`,
    headBeforeError: false,
  }
}

/** `undefined` for a piece that this vendor does not show. */
function deltaOf(piece: Piece, answer: Answer, profile: ChatProfile): object | undefined {
  switch (piece.type) {
    case 'text':
      return { content: piece.text }
    case 'refusal':
      return { refusal: piece.text }
    case 'reasoning':
      return profile.reasoningField && reasoningDelta(piece.text, profile)
    case 'tool-start':
    case 'tool-call': {
      const call = answer.toolCalls[piece.call]
      const args = piece.type === 'tool-call' ? call?.arguments : ''
      return {
        tool_calls: [
          {
            index: piece.call,
            id: call?.id,
            type: 'function',
            function: { name: call?.name, arguments: args },
          },
        ],
      }
    }
    case 'tool-arguments':
      return { tool_calls: [{ index: piece.call, function: { arguments: piece.text } }] }
  }
}

function reasoningDelta(text: string, { reasoningField: field, reasoningDetails }: ChatProfile): object {
  if (field === 'thinking-parts') return { content: [thinkingPart(text)] }
  const details = reasoningDetails && { reasoning_details: reasoningDetails(text) }
  return { [field as string]: text, content: null, ...details }
}

function finishWord(answer: Answer, facts: ChatAnswerFacts): string {
  // The vendor reports a refusal of the model, and a forced tool call, as an ordinary stop.
  if (answer.refusal !== '' && answer.finishReason === 'content_filter') return 'stop'
  if (facts.forcedTool && facts.profile.forcedChoiceStops && answer.finishReason === 'tool_calls')
    return 'stop'
  return answer.finishReason
}

function logprobsOf(tokens: readonly string[]): object {
  return {
    content: tokens.map((token) => ({
      token,
      logprob: -0.125,
      bytes: [...Buffer.from(token)],
      top_logprobs: [],
    })),
    refusal: null,
  }
}
