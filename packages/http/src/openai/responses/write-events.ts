/** A stream of chunks as the events of the Responses API. */
import type {
  Annotation,
  ChatChunk,
  ChatDelta,
  ChoiceLogprobs,
  FinishReason,
  GatewayMeta,
  ProviderState,
  ReasoningDetail,
  ToolCallDelta,
} from '@turnout/core'
import { restartRefused } from '../../call-options.js'
import type { FrameWriter } from '../../event-frames.js'
import { sealReasoning } from './sealed-reasoning.js'
import type { OutputItem, ResponseObject } from './wire-types.js'
import {
  endResponse,
  flatAnnotation,
  functionCallItem,
  messageItem,
  newId,
  outputText,
  reasoningItem,
  statusOf,
} from './write-response.js'

interface OpenReasoning {
  readonly kind: 'reasoning'
  readonly id: string
  text: string
}
interface OpenMessage {
  readonly kind: 'message'
  readonly id: string
  /** The part being written; the other one comes after it. */
  part: 'text' | 'refusal'
  text: string
  refusal: string
  annotations: Annotation[]
  logprobs: { readonly content: NonNullable<ChoiceLogprobs['content']>[number][] } | null
}
interface OpenCall {
  readonly kind: 'call'
  readonly id: string
  readonly callId: string
  readonly name: string
  given: string
}
type OpenItem = OpenReasoning | OpenMessage | OpenCall

/** Said of a failure, in the protocol's two events. */
export interface WrittenFailure {
  readonly type: string
  readonly code: string
  readonly message: string
  readonly param: string | null
}

/**
 * Writes one stream. All items are closed at the end: what a provider needs back on the next turn comes last, and belongs
 * to the first item.
 *
 * @param describe an error in the words of the surface
 * @param onEnd hears of the complete response, once
 * @param show what is told of the gateway's own facts
 */
export function createEventWriter(
  begun: ResponseObject,
  describe: (error: unknown) => WrittenFailure,
  onEnd: (response: ResponseObject) => void,
  show: (meta: GatewayMeta) => object,
): FrameWriter {
  /** In the order of `output_index`. */
  const open: OpenItem[] = []
  /** By index of the tool call. */
  const calls: OpenCall[] = []
  let sequence = 0
  let hasBegun = false
  let finishReason: FinishReason = 'stop'
  let last: ChatChunk | undefined
  let state: ProviderState | undefined
  const details: ReasoningDetail[] = []

  const frame = (type: string, fields: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: sequence++, ...fields })}\n\n`

  /** Before whatever is written first. */
  const begin = (): string => {
    if (hasBegun) return ''
    hasBegun = true
    const response = { ...begun, ...(last && { model: last.model }) }
    return frame('response.created', { response }) + frame('response.in_progress', { response })
  }

  /** @returns the event that begins it */
  const add = (item: OpenItem): string => {
    const beginning = begin()
    open.push(item)
    const added = frame('response.output_item.added', {
      output_index: open.length - 1,
      item: itemOf(item, 'in_progress', undefined),
    })
    return beginning + added
  }
  const placeOf = (item: OpenItem): { readonly item_id: string; readonly output_index: number } => ({
    item_id: item.id,
    output_index: open.indexOf(item),
  })

  const think = (text: string): string => {
    let out = ''
    let item = open.find((one) => one.kind === 'reasoning')
    if (!item) {
      item = { kind: 'reasoning', id: newId('rs'), text: '' }
      out += add(item)
      const part = { type: 'summary_text', text: '' }
      out += frame('response.reasoning_summary_part.added', { ...placeOf(item), summary_index: 0, part })
    }
    item.text += text
    const place = { ...placeOf(item), summary_index: 0 }
    return out + frame('response.reasoning_summary_text.delta', { ...place, delta: text })
  }

  const messageFor = (part: OpenMessage['part']): { readonly item: OpenMessage; readonly out: string } => {
    let item = open.find((one) => one.kind === 'message')
    if (item?.part === part) return { item, out: '' }
    let out = ''
    if (!item) {
      const id = newId('msg')
      item = { kind: 'message', id, part, text: '', refusal: '', annotations: [], logprobs: null }
      out += add(item)
    } else {
      out += endPart(item)
      item.part = part
    }
    return {
      item,
      out: out + frame('response.content_part.added', { ...partPlace(item), part: emptyPart(part) }),
    }
  }
  const partPlace = (item: OpenMessage): object => ({
    ...placeOf(item),
    content_index: item.part === 'refusal' && item.text !== '' ? 1 : 0,
  })
  const endPart = (item: OpenMessage): string => {
    const place = partPlace(item)
    const { part: kind, text, refusal, annotations, logprobs } = item
    if (kind === 'refusal')
      return (
        frame('response.refusal.done', { ...place, refusal }) +
        frame('response.content_part.done', { ...place, part: { type: 'refusal', refusal } })
      )
    const part = outputText(text, annotations, logprobs)
    return (
      frame('response.output_text.done', { ...place, text, logprobs: part.logprobs }) +
      frame('response.content_part.done', { ...place, part })
    )
  }

  const say = (text: string, logprobs: ChoiceLogprobs | null | undefined): string => {
    const { item, out } = messageFor('text')
    item.text += text
    const spoken = logprobs?.content ?? []
    if (spoken.length > 0) (item.logprobs ??= { content: [] }).content.push(...spoken)
    return out + frame('response.output_text.delta', { ...partPlace(item), delta: text, logprobs: spoken })
  }
  const refuse = (text: string): string => {
    const { item, out } = messageFor('refusal')
    item.refusal += text
    return out + frame('response.refusal.delta', { ...partPlace(item), delta: text })
  }
  const annotate = (annotation: Annotation): string => {
    const { item, out } = messageFor('text')
    item.annotations.push(annotation)
    return (
      out +
      frame('response.output_text.annotation.added', {
        ...partPlace(item),
        annotation_index: item.annotations.length - 1,
        annotation: flatAnnotation(annotation),
      })
    )
  }
  const call = ({ index, id, function: called }: ToolCallDelta): string => {
    let out = ''
    let item = calls[index]
    if (!item) {
      item = { kind: 'call', id: newId('fc'), callId: id ?? '', name: called?.name ?? '', given: '' }
      calls[index] = item
      out += add(item)
    }
    const delta = called?.arguments ?? ''
    if (delta === '') return out
    item.given += delta
    return out + frame('response.function_call_arguments.delta', { ...placeOf(item), delta })
  }

  const write = (delta: ChatDelta, logprobs: ChoiceLogprobs | null | undefined): string => {
    let out = ''
    if (delta.reasoning_content) out += think(delta.reasoning_content)
    if (delta.reasoning_details) details.push(...delta.reasoning_details)
    if (delta.content) out += say(delta.content, logprobs)
    if (delta.refusal) out += refuse(delta.refusal)
    for (const annotation of delta.annotations ?? []) out += annotate(annotation)
    for (const part of delta.tool_calls ?? []) out += call(part)
    if (delta.provider_state) state = delta.provider_state
    return out
  }

  const close = (item: OpenItem, sealed: string | undefined): string => {
    const place = placeOf(item)
    const status = statusOf(finishReason)
    let out = ''
    if (item.kind === 'reasoning' && item.text !== '') {
      const { text } = item
      out += frame('response.reasoning_summary_text.done', { ...place, summary_index: 0, text })
      const part = { type: 'summary_text', text }
      out += frame('response.reasoning_summary_part.done', { ...place, summary_index: 0, part })
    }
    if (item.kind === 'message') out += endPart(item)
    if (item.kind === 'call') {
      const { name, given } = item
      out += frame('response.function_call_arguments.done', { ...place, name, arguments: given })
    }
    const { output_index } = place
    return out + frame('response.output_item.done', { output_index, item: itemOf(item, status, sealed) })
  }

  return {
    keepAlive: ': keep-alive\n\n',
    chunk(chunk) {
      if (chunk.gateway && 'event' in chunk.gateway) throw restartRefused()
      last = chunk
      const choice = chunk.choices.find(({ index }) => index === 0)
      if (!choice) return ''
      if (choice.finish_reason) finishReason = choice.finish_reason
      return write(choice.delta, choice.logprobs)
    },
    end() {
      let out = begin()
      const sealed = sealReasoning({
        ...(state && { provider_state: state }),
        ...(details.length > 0 && { reasoning_details: details }),
      })
      // Without shown reasoning the state still needs an item to travel in.
      if (sealed !== undefined && !open.some(({ kind }) => kind === 'reasoning'))
        out += add({ kind: 'reasoning', id: newId('rs'), text: '' })
      for (const item of open) out += close(item, sealed)
      const output = open.map((item) => itemOf(item, statusOf(finishReason), sealed))
      const { model, usage, service_tier, gateway } = last ?? {}
      const response = endResponse(begun, output, finishReason, {
        ...(model !== undefined && { model }),
        ...(usage && { usage }),
        ...(service_tier !== undefined && { service_tier }),
        ...(gateway && !('event' in gateway) && { gateway: show(gateway) }),
      })
      onEnd(response)
      return out + frame(`response.${response.status}`, { response })
    },
    error(error) {
      const { type, code, message, param } = describe(error)
      const response = { ...begun, status: 'failed', error: { code, message } }
      return (
        begin() +
        frame('error', { error: { type, code, message, param } }) +
        frame('response.failed', { response })
      )
    },
  }
}

function itemOf(
  item: OpenItem,
  status: 'in_progress' | 'completed' | 'incomplete',
  sealed: string | undefined,
): OutputItem {
  const hasBegun = status === 'in_progress'
  switch (item.kind) {
    case 'reasoning':
      return reasoningItem(item.id, hasBegun ? '' : item.text, sealed)
    case 'message':
      return hasBegun
        ? messageItem(item.id, status, '', '', [], null)
        : messageItem(item.id, status, item.text, item.refusal, item.annotations, item.logprobs)
    case 'call':
      return functionCallItem(item.id, status, item.callId, item.name, hasBegun ? '' : item.given)
  }
}

const emptyPart = (part: OpenMessage['part']): object =>
  part === 'refusal' ? { type: 'refusal', refusal: '' } : outputText('', [], null)
