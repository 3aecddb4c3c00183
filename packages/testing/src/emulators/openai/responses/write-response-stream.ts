/** An answer as the stream of events of the Responses API. */
import type { ErrorReply } from '../../../script/reply.js'
import type { Answer } from '../../../script/resolve-answer.js'
import type { JsonRecord } from '../../read-json.js'
import type { StreamWire } from '../../vendor.js'
import { openaiErrorBody } from '../openai-errors.js'
import { finalState, responseItems, responseObject, type Item, type ResponseFacts } from './response-items.js'

export function writeResponseStream(answer: Answer, facts: ResponseFacts): StreamWire {
  const items = responseItems(answer, facts)
  const running = responseObject(answer, facts, { status: 'in_progress', output: [], usage: null })
  let sequence = 0
  const event = (type: string, body: object): string =>
    `event: ${type}\ndata: ${JSON.stringify({ type, ...body, sequence_number: sequence++ })}\n\n`

  const head =
    event('response.created', { response: running }) + event('response.in_progress', { response: running })
  /** Number of the next event after so many pieces, for an error in the middle. */
  const sequenceAfter = [sequence]
  let open = -1
  let openPart: 'output_text' | 'refusal' | undefined
  const at = (): JsonRecord => ({ item_id: items[open]?.id, output_index: open })

  const closePart = (): string => {
    if (openPart === undefined) return ''
    const part =
      openPart === 'refusal'
        ? { type: 'refusal', refusal: answer.refusal }
        : { type: 'output_text', annotations: [], logprobs: [], text: answer.text }
    const content_index = openPart === 'refusal' && answer.text !== '' ? 1 : 0
    const done = openPart === 'refusal' ? { refusal: answer.refusal } : { text: answer.text, logprobs: [] }
    const name = openPart
    openPart = undefined
    return (
      event(`response.${name}.done`, { ...at(), content_index, ...done }) +
      event('response.content_part.done', { ...at(), content_index, part })
    )
  }
  const closeItem = (): string => {
    const item = items[open]
    if (!item) return ''
    let wire = closePart()
    if (item.type === 'reasoning' && facts.summary && answer.reasoning !== '') {
      const part = { type: 'summary_text', text: answer.reasoning }
      wire += event('response.reasoning_summary_text.done', {
        ...at(),
        summary_index: 0,
        text: answer.reasoning,
      })
      wire += event('response.reasoning_summary_part.done', { ...at(), summary_index: 0, part })
    }
    if (item.type === 'function_call')
      wire += event('response.function_call_arguments.done', {
        ...at(),
        arguments: item['arguments'],
        name: item['name'],
      })
    return wire + event('response.output_item.done', { output_index: open, item })
  }
  const openItem = (): string => {
    const closed = closeItem()
    open++
    return (
      closed +
      event('response.output_item.added', { output_index: open, item: beginning(items[open] as Item) })
    )
  }
  /** Reasoning that was only counted has an item, and no piece that opens it. */
  const skipTo = (type: Item['type']): string => {
    let wire = ''
    while (open < items.length - 1 && items[open]?.type !== type) wire += openItem()
    return wire
  }
  const part = (type: 'output_text' | 'refusal', delta: string): string => {
    let wire = skipTo('message')
    const content_index = type === 'refusal' && answer.text !== '' ? 1 : 0
    if (openPart !== type) {
      wire += closePart()
      openPart = type
      const empty =
        type === 'refusal' ? { type, refusal: '' } : { type, annotations: [], logprobs: [], text: '' }
      wire += event('response.content_part.added', { ...at(), content_index, part: empty })
    }
    return (
      wire +
      event(`response.${type}.delta`, {
        ...at(),
        content_index,
        delta,
        ...(type === 'output_text' ? { logprobs: [] } : {}),
      })
    )
  }

  const pieces = answer.pieces.map((piece) => {
    const wire = ((): string => {
      switch (piece.type) {
        case 'reasoning': {
          if (!facts.summary) return skipTo('reasoning')
          const first = open < 0
          const start = skipTo('reasoning')
          const added = first
            ? event('response.reasoning_summary_part.added', {
                ...at(),
                summary_index: 0,
                part: { type: 'summary_text', text: '' },
              })
            : ''
          return (
            start +
            added +
            event('response.reasoning_summary_text.delta', { ...at(), summary_index: 0, delta: piece.text })
          )
        }
        case 'text':
          return part('output_text', piece.text)
        case 'refusal':
          return part('refusal', piece.text)
        case 'tool-start':
        case 'tool-call':
          return piece.call === 0 ? skipTo('function_call') : openItem()
        case 'tool-arguments':
          return event('response.function_call_arguments.delta', { ...at(), delta: piece.text })
      }
    })()
    sequenceAfter.push(sequence)
    return wire
  })
  // An answer of nothing but counted reasoning still has its item.
  const rest = open < 0 && items.length > 0 ? openItem() : ''
  const tail = rest + closeItem()
  const final = responseObject(answer, facts, finalState(answer, items))
  return {
    contentType: 'text/event-stream; charset=utf-8',
    head,
    pieces,
    tail,
    endMark: event(`response.${final['status'] as string}`, { response: final }),
    ping: ': keep-alive\n\n',
    errorEvent: (error, piecesSent) => {
      sequence = sequenceAfter[piecesSent] ?? sequence
      return failure(
        error,
        responseObject(answer, facts, { status: 'failed', output: [], usage: null }),
        event,
      )
    },
    headBeforeError: true,
  }
}

/** The item as it stands before its first delta. */
function beginning(item: Item): JsonRecord {
  if (item.type === 'message') return { ...item, status: 'in_progress', content: [] }
  if (item.type === 'function_call') return { ...item, status: 'in_progress', arguments: '' }
  return { ...item, summary: [] }
}

/** The error as it really comes: nested, and followed by the failed response. */
function failure(
  error: ErrorReply,
  response: JsonRecord,
  event: (type: string, body: object) => string,
): string {
  const told = openaiErrorBody(error).error
  const failed = { code: told['code'] ?? 'server_error', message: told['message'] }
  return (
    event('error', { error: told }) + event('response.failed', { response: { ...response, error: failed } })
  )
}
