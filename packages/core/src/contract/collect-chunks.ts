/** Folds chunks into a whole answer; on the way of every chunk, so one pass, plain strings, no copies. */
import type { ToolCall } from './chat-request.js'
import type {
  ChatChunk, ChatDelta, ChatResponse, ChoiceLogprobs, FinishReason, PartialResponse, ResponseMessage, TokenLogprob, Usage,
} from './chat-response.js'
import type { GatewayMeta } from './gateway-meta.js'
import type { Annotation, ProviderState, ReasoningDetail } from './message-parts.js'

export interface ChunkCollector {
  push(chunk: ChatChunk): void
  /** Text of the first choice so far. */
  text(): string
  /** Every choice has its finish reason, and there is at least one. */
  isComplete(): boolean
  /** The answer so far: whole when `isComplete()`. */
  partial(usage: Usage, gateway: GatewayMeta): PartialResponse
  /** @throws TypeError unless `isComplete()`. */
  response(usage: Usage, gateway: GatewayMeta): ChatResponse
}

interface ChoiceSoFar {
  content: string
  refusal: string
  reasoning: string
  toolCalls: { id: string; name: string; arguments: string }[]
  details: ReasoningDetail[]
  annotations: Annotation[]
  state: ProviderState | undefined
  finish: FinishReason | null
  native: string | undefined
  logprobs: { content?: TokenLogprob[]; refusal?: TokenLogprob[] } | null
}

export function createChunkCollector(): ChunkCollector {
  let head: ChatChunk | undefined
  let serviceTier: string | undefined
  let fingerprint: string | undefined
  let choices: ChoiceSoFar[] = []

  const choiceAt = (index: number): ChoiceSoFar => {
    while (choices.length <= index) choices.push(emptyChoice())
    return choices[index] as ChoiceSoFar
  }
  const base = (usage: Usage, gateway: GatewayMeta) => ({
    id: head?.id ?? '',
    object: 'chat.completion' as const,
    created: head?.created ?? 0,
    model: head?.model ?? gateway.model,
    usage,
    ...(serviceTier !== undefined && { service_tier: serviceTier }),
    ...(fingerprint !== undefined && { system_fingerprint: fingerprint }),
    gateway,
  })

  return {
    push(chunk) {
      if (chunk.gateway && 'event' in chunk.gateway) {
        choices = []
        head = undefined
      }
      head ??= chunk
      if (chunk.service_tier !== undefined) serviceTier = chunk.service_tier
      if (chunk.system_fingerprint !== undefined) fingerprint = chunk.system_fingerprint
      for (const choice of chunk.choices) {
        const into = choiceAt(choice.index)
        addDelta(into, choice.delta)
        if (choice.finish_reason !== null) into.finish = choice.finish_reason
        if (choice.native_finish_reason !== undefined) into.native = choice.native_finish_reason
        if (choice.logprobs) addLogprobs(into, choice.logprobs)
      }
    },
    text: () => choices[0]?.content ?? '',
    isComplete: () => choices.length > 0 && choices.every(({ finish }) => finish !== null),
    partial: (usage, gateway) => ({
      ...base(usage, gateway),
      choices: choices.map((choice, index) => ({ ...closed(choice, index), finish_reason: choice.finish })),
    }),
    response: (usage, gateway) => ({
      ...base(usage, gateway),
      choices: choices.map((choice, index) => {
        if (choice.finish === null) throw new TypeError(`choice ${index} ended without a finish reason`)
        return { ...closed(choice, index), finish_reason: choice.finish }
      }),
    }),
  }
}

const emptyChoice = (): ChoiceSoFar => ({
  content: '', refusal: '', reasoning: '', toolCalls: [], details: [], annotations: [],
  state: undefined, finish: null, native: undefined, logprobs: null,
})

function addDelta(into: ChoiceSoFar, delta: ChatDelta): void {
  if (delta.content) into.content += delta.content
  if (delta.reasoning_content) into.reasoning += delta.reasoning_content
  if (delta.refusal) into.refusal += delta.refusal
  if (delta.tool_calls) {
    for (const piece of delta.tool_calls) {
      const call = (into.toolCalls[piece.index] ??= { id: '', name: '', arguments: '' })
      if (piece.id) call.id = piece.id
      if (piece.function?.name) call.name = piece.function.name
      if (piece.function?.arguments) call.arguments += piece.function.arguments
    }
  }
  if (delta.reasoning_details) for (const detail of delta.reasoning_details) addDetail(into.details, detail)
  if (delta.annotations) into.annotations.push(...delta.annotations)
  if (delta.provider_state) into.state = delta.provider_state
}

/** Pieces of one `index` are one detail: its texts are joined, its other fields are taken as they come. */
function addDetail(details: ReasoningDetail[], piece: ReasoningDetail): void {
  const at = piece.index === undefined ? -1 : details.findIndex((known) => known.index === piece.index && known.type === piece.type)
  const known = details[at]
  if (!known) {
    details.push(piece)
    return
  }
  details[at] = {
    ...known,
    ...piece,
    ...joined('text', known, piece),
    ...joined('summary', known, piece),
    ...joined('data', known, piece),
    ...joined('signature', known, piece),
  }
}

function joined(key: 'text' | 'summary' | 'data' | 'signature', a: ReasoningDetail, b: ReasoningDetail): Partial<ReasoningDetail> {
  return a[key] === undefined && b[key] === undefined ? {} : { [key]: (a[key] ?? '') + (b[key] ?? '') }
}

function addLogprobs(into: ChoiceSoFar, logprobs: ChoiceLogprobs): void {
  into.logprobs ??= {}
  if (logprobs.content) (into.logprobs.content ??= []).push(...logprobs.content)
  if (logprobs.refusal) (into.logprobs.refusal ??= []).push(...logprobs.refusal)
}

function closed(choice: ChoiceSoFar, index: number) {
  const toolCalls: ToolCall[] = choice.toolCalls.map(({ id, name, arguments: text }) => ({
    id, type: 'function', function: { name, arguments: text },
  }))
  const silent = toolCalls.length > 0 || choice.refusal !== ''
  const message: ResponseMessage = {
    role: 'assistant',
    content: choice.content === '' && silent ? null : choice.content,
    refusal: choice.refusal === '' ? null : choice.refusal,
    ...(toolCalls.length > 0 && { tool_calls: toolCalls }),
    ...(choice.reasoning !== '' && { reasoning_content: choice.reasoning }),
    ...(choice.details.length > 0 && { reasoning_details: choice.details }),
    ...(choice.annotations.length > 0 && { annotations: choice.annotations }),
    ...(choice.state && { provider_state: choice.state }),
  }
  return {
    index,
    message,
    ...(choice.native !== undefined && { native_finish_reason: choice.native }),
    logprobs: choice.logprobs === null
      ? null
      : { content: choice.logprobs.content ?? null, refusal: choice.logprobs.refusal ?? null },
  }
}
