/** An answer in Gemini's shape: whole, and as a stream of whole responses. */
import type { Answer, AnsweredCall, Piece } from '../../script/resolve-answer.js'
import { isRecord, type JsonRecord } from '../read-json.js'
import type { StreamWire } from '../vendor.js'
import { geminiErrorBody } from './gemini-errors.js'
import { signFunctionCall, signText } from './thought-signature.js'

export interface CandidateFacts {
  readonly responseId: string
  readonly candidateCount: number
  /** Thoughts are shown only when asked for. */
  readonly includeThoughts: boolean
  readonly signatures: boolean
  /** `alt=sse`; without it a stream is one JSON array. */
  readonly sse: boolean
}

type Part = JsonRecord

export function writeCandidates(answer: Answer, facts: CandidateFacts): JsonRecord {
  const text = answer.text + answer.refusal
  const signature =
    facts.signatures && text !== '' && answer.toolCalls.length === 0
      ? { thoughtSignature: signText(text) }
      : {}
  const parts: Part[] = [
    ...(answer.reasoning && facts.includeThoughts ? [{ text: answer.reasoning, thought: true }] : []),
    ...(text ? [{ text, ...signature }] : []),
    ...answer.toolCalls.map((call, index) => callPart(call, index, facts)),
  ]
  return response(answer, facts, parts, finish(answer), usageOf(answer))
}

export function writeCandidateStream(answer: Answer, facts: CandidateFacts): StreamWire {
  const early = usageSoFar(answer)
  const event = (
    parts: readonly Part[],
    last: JsonRecord | undefined,
    usage: JsonRecord | undefined,
  ): string => frame(JSON.stringify(response(answer, facts, parts, last, usage)))
  let written = 0
  const frame = (json: string): string => {
    if (facts.sse) return `data: ${json}\r\n\r\n`
    return written++ === 0 ? `[${json}` : `,\r\n${json}`
  }
  const pieces = answer.pieces.map((piece) => {
    const part = partOf(piece, answer, facts)
    return part ? event([part], undefined, early) : ''
  })
  const signed =
    facts.signatures && answer.toolCalls.length === 0
      ? { thoughtSignature: signText(answer.text + answer.refusal) }
      : {}
  const first = written
  const tail = event([{ text: '', ...signed }], finish(answer), usageOf(answer))
  written = first
  const close = facts.sse ? '' : '\r\n]'
  return {
    contentType: facts.sse ? 'text/event-stream' : 'application/json; charset=UTF-8',
    head: '',
    pieces,
    tail,
    endMark: close,
    tailWithoutMark: event([{ text: '' }], undefined, early),
    // Gemini has no keep-alive of its own; a comment is one to any reader of events.
    ping: facts.sse ? ': keep-alive\r\n\r\n' : ' ',
    errorEvent: (error, piecesSent) => {
      const json = JSON.stringify(geminiErrorBody(error))
      if (facts.sse) return `${json}\r\n`
      return `${piecesSent > 0 ? ',\r\n' : '['}${json}${close}`
    },
    headBeforeError: false,
  }
}

function response(
  answer: Answer,
  facts: CandidateFacts,
  parts: readonly Part[],
  last: JsonRecord | undefined,
  usage: JsonRecord | undefined,
): JsonRecord {
  const content = parts.length > 0 ? { content: { parts, role: 'model' } } : {}
  return {
    candidates: Array.from({ length: facts.candidateCount }, (_, index) => ({ ...content, ...last, index })),
    ...(usage ? { usageMetadata: usage } : {}),
    modelVersion: answer.model,
    responseId: facts.responseId,
  }
}

/** `undefined` for a thought that nobody asked to see. */
function partOf(piece: Piece, answer: Answer, facts: CandidateFacts): Part | undefined {
  if (piece.type === 'reasoning')
    return facts.includeThoughts ? { text: piece.text, thought: true } : undefined
  if (piece.type === 'text' || piece.type === 'refusal') return { text: piece.text }
  return callPart(answer.toolCalls[piece.call] as AnsweredCall, piece.call, facts)
}

/** Of parallel calls only the first is signed. */
function callPart(call: AnsweredCall, index: number, facts: CandidateFacts): Part {
  const args = argsOf(call)
  const id = call.id === '' ? {} : { id: call.id }
  const signature =
    facts.signatures && index === 0 ? { thoughtSignature: signFunctionCall(call.name, args) } : {}
  return { functionCall: { ...id, name: call.name, args }, ...signature }
}

const FINISH_REASONS = {
  stop: 'STOP',
  length: 'MAX_TOKENS',
  tool_calls: 'STOP',
  content_filter: 'SAFETY',
} as const

function finish(answer: Answer): JsonRecord {
  const called =
    answer.finishReason === 'tool_calls' ? { finishMessage: 'Model generated function call(s).' } : {}
  return { finishReason: FINISH_REASONS[answer.finishReason], ...called }
}

function usageOf({ usage }: Answer): JsonRecord | undefined {
  if (!usage) return undefined
  const visible = usage.outputTokens - usage.reasoningTokens
  return {
    promptTokenCount: usage.inputTokens,
    ...(visible > 0 ? { candidatesTokenCount: visible } : {}),
    totalTokenCount: usage.inputTokens + usage.outputTokens,
    ...(usage.cachedTokens > 0 ? { cachedContentTokenCount: usage.cachedTokens } : {}),
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.inputTokens }],
    ...(usage.reasoningTokens > 0 ? { thoughtsTokenCount: usage.reasoningTokens } : {}),
  }
}

/** Early events count the input and the thoughts, not yet the answer. */
function usageSoFar({ usage }: Answer): JsonRecord | undefined {
  if (!usage) return undefined
  return {
    promptTokenCount: usage.inputTokens,
    totalTokenCount: usage.inputTokens + usage.reasoningTokens,
    promptTokensDetails: [{ modality: 'TEXT', tokenCount: usage.inputTokens }],
    ...(usage.reasoningTokens > 0 ? { thoughtsTokenCount: usage.reasoningTokens } : {}),
  }
}

function argsOf(call: AnsweredCall): JsonRecord {
  try {
    const args: unknown = JSON.parse(call.arguments)
    return isRecord(args) ? args : {}
  } catch {
    return {}
  }
}
