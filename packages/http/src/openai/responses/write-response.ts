/** A chat answer as a `response` object. */
import { randomUUID } from 'node:crypto'
import type { Annotation, ChatResponse, ChoiceLogprobs, FinishReason, Usage } from '@turnout/core'
import { sealReasoning } from './sealed-reasoning.js'
import type {
  FunctionCallItem,
  ItemStatus,
  MessageItem,
  OutputItem,
  OutputText,
  ReasoningItem,
  ResponseObject,
  ResponsesUsage,
} from './wire-types.js'

type Body = Readonly<Record<string, unknown>>

/** `resp_…`, `msg_…`: of this surface, whatever ids the provider gives. */
export const newId = (prefix: 'resp' | 'msg' | 'rs' | 'fc'): string =>
  `${prefix}_${randomUUID().replaceAll('-', '')}`

/** The request's own words, which clients expect back in the answer. */
const ECHOED = {
  instructions: null,
  max_output_tokens: null,
  metadata: {},
  parallel_tool_calls: true,
  previous_response_id: null,
  reasoning: { effort: null, summary: null },
  temperature: null,
  text: { format: { type: 'text' } },
  tool_choice: 'auto',
  tools: [],
  top_p: null,
  truncation: 'disabled',
  user: null,
} as const

/** A response that has just begun. */
export function beginResponse(body: Body, createdMs: number): ResponseObject {
  const echoed: Record<string, unknown> = {}
  for (const [name, otherwise] of Object.entries(ECHOED)) echoed[name] = body[name] ?? otherwise
  return {
    id: newId('resp'),
    object: 'response',
    created_at: Math.floor(createdMs / 1_000),
    status: 'in_progress',
    background: false,
    error: null,
    incomplete_details: null,
    model: String(body['model']),
    output: [],
    usage: null,
    store: body['store'] !== false,
    ...echoed,
  }
}

/** What an answer tells beside what it says. */
export interface AnswerFacts {
  readonly model?: string
  readonly usage?: Usage
  readonly service_tier?: string
  /** As it is shown. */
  readonly gateway?: object
}

/** The response with its end: what it says, how it ended and what it used. */
export function endResponse(
  begun: ResponseObject,
  output: readonly OutputItem[],
  finishReason: FinishReason,
  { model, usage, service_tier, gateway }: AnswerFacts,
): ResponseObject {
  const reason = incompleteReason(finishReason)
  return {
    ...begun,
    status: reason ? 'incomplete' : 'completed',
    incomplete_details: reason ? { reason } : null,
    ...(model !== undefined && { model }),
    output,
    usage: usage ? usageOf(usage) : null,
    ...(service_tier !== undefined && { service_tier }),
    ...(gateway && { gateway }),
  }
}

/**
 * @param answer its first choice; the Responses API has no others
 * @param gateway what is shown of the gateway's own facts
 */
export function writeResponse(begun: ResponseObject, answer: ChatResponse, gateway: object): ResponseObject {
  const choice = answer.choices[0]
  const output = choice ? outputOf(choice) : []
  return endResponse(begun, output, choice?.finish_reason ?? 'stop', { ...answer, gateway })
}

function outputOf({
  message,
  finish_reason,
  logprobs,
}: ChatResponse['choices'][number]): readonly OutputItem[] {
  const items: OutputItem[] = []
  const sealed = sealReasoning(message)
  const { reasoning_content: reasoning, content, refusal, annotations = [], tool_calls = [] } = message
  if (reasoning || sealed) items.push(reasoningItem(newId('rs'), reasoning ?? '', sealed))
  const status = statusOf(finish_reason)
  if (content || refusal)
    items.push(messageItem(newId('msg'), status, content ?? '', refusal ?? '', annotations, logprobs))
  for (const { id, function: called } of tool_calls)
    items.push(functionCallItem(newId('fc'), status, id, called.name, called.arguments))
  return items
}

export const reasoningItem = (id: string, text: string, sealed: string | undefined): ReasoningItem => ({
  type: 'reasoning',
  id,
  summary: text === '' ? [] : [{ type: 'summary_text', text }],
  ...(sealed !== undefined && { encrypted_content: sealed }),
})

export function messageItem(
  id: string,
  status: ItemStatus,
  text: string,
  refusal: string,
  annotations: readonly Annotation[],
  logprobs: ChoiceLogprobs | null,
): MessageItem {
  const said = text === '' ? [] : [outputText(text, annotations, logprobs)]
  const refused = refusal === '' ? [] : [{ type: 'refusal', refusal } as const]
  return { type: 'message', id, status, role: 'assistant', content: [...said, ...refused] }
}

export const outputText = (
  text: string,
  annotations: readonly Annotation[],
  logprobs: ChoiceLogprobs | null,
): OutputText => ({
  type: 'output_text',
  text,
  annotations: annotations.map(flatAnnotation),
  logprobs: logprobs?.content ?? [],
})

export const functionCallItem = (
  id: string,
  status: ItemStatus,
  callId: string,
  name: string,
  given: string,
): FunctionCallItem => ({ type: 'function_call', id, status, call_id: callId, name, arguments: given })

/** Chat Completions nests a citation, the Responses API does not. */
export function flatAnnotation(annotation: Annotation): object {
  const { url_citation: nested } = annotation
  return annotation.type === 'url_citation' && typeof nested === 'object' && nested !== null
    ? { type: 'url_citation', ...nested }
    : annotation
}

export const statusOf = (finishReason: FinishReason): ItemStatus =>
  incompleteReason(finishReason) ? 'incomplete' : 'completed'

function incompleteReason(finishReason: FinishReason): 'max_output_tokens' | 'content_filter' | undefined {
  if (finishReason === 'length') return 'max_output_tokens'
  return finishReason === 'content_filter' ? 'content_filter' : undefined
}

function usageOf({
  prompt_tokens,
  completion_tokens,
  total_tokens,
  prompt_tokens_details: prompt,
  completion_tokens_details: completion,
}: Usage): ResponsesUsage {
  const written = prompt?.cache_write_tokens
  return {
    input_tokens: prompt_tokens,
    input_tokens_details: {
      cached_tokens: prompt?.cached_tokens ?? 0,
      ...(written !== undefined && { cache_write_tokens: written }),
    },
    output_tokens: completion_tokens,
    output_tokens_details: { reasoning_tokens: completion?.reasoning_tokens ?? 0 },
    total_tokens,
  }
}
