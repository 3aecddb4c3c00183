/** Writes answers of the Responses API in its documented shapes: whole, and as the stream that brings the same. */

export type Json = Readonly<Record<string, unknown>>

export interface Answer {
  readonly id: string
  readonly model: string
  readonly status?: 'completed' | 'incomplete'
  readonly reason?: string
  readonly output: readonly Json[]
  readonly usage: readonly [input: number, output: number, cached: number, reasoning: number]
}

const CREATED = 1_760_000_000

export function responseOf(answer: Answer): Json {
  const [input, output, cached, reasoning] = answer.usage
  return {
    id: answer.id,
    object: 'response',
    created_at: CREATED,
    status: answer.status ?? 'completed',
    error: null,
    incomplete_details: answer.reason === undefined ? null : { reason: answer.reason },
    model: answer.model,
    output: answer.output,
    store: false,
    service_tier: 'default',
    usage: {
      input_tokens: input,
      input_tokens_details: { cached_tokens: cached, cache_write_tokens: 0 },
      output_tokens: output,
      output_tokens_details: { reasoning_tokens: reasoning },
      total_tokens: input + output,
    },
  }
}

/** Server-sent events; each gets its number. */
export function sse(events: readonly Json[]): string {
  return events
    .map(
      (event, i) =>
        `event: ${String(event.type)}\ndata: ${JSON.stringify({ ...event, sequence_number: i })}\n\n`,
    )
    .join('')
}

/** The events that bring an answer, as the API orders them. The last snapshot's output is empty: it may be. */
export function eventsOf(answer: Answer): readonly Json[] {
  const response = responseOf(answer)
  const { id, created_at, model } = response
  const early = {
    id,
    created_at,
    status: 'in_progress',
    model,
    output: [],
    usage: null,
    service_tier: 'auto',
  }
  return [
    { type: 'response.created', response: early },
    { type: 'response.in_progress', response: early },
    ...answer.output.flatMap((item, i) => itemEvents(item, i)),
    { type: `response.${answer.status ?? 'completed'}`, response: { ...response, output: [] } },
  ]
}

function itemEvents(item: Json, output_index: number): readonly Json[] {
  const at = { output_index, item_id: item.id }
  const begun = { ...item, status: 'in_progress' }
  const done = { type: 'response.output_item.done', output_index, item }
  const added = (extra: Json): Json => ({
    type: 'response.output_item.added',
    output_index,
    item: { ...begun, ...extra },
  })
  if (item.type === 'message') {
    const parts = (item.content as readonly Json[]).flatMap((part, content_index) =>
      partEvents(part, { ...at, content_index }),
    )
    return [added({ content: [] }), ...parts, done]
  }
  if (item.type === 'reasoning') {
    const summary = (item.summary as readonly Json[]).flatMap((part, summary_index) => [
      { type: 'response.reasoning_summary_part.added', ...at, summary_index, part: { ...part, text: '' } },
      ...pieces(part.text).map((delta) => ({
        type: 'response.reasoning_summary_text.delta',
        ...at,
        summary_index,
        delta,
      })),
      { type: 'response.reasoning_summary_text.done', ...at, summary_index, text: part.text },
      { type: 'response.reasoning_summary_part.done', ...at, summary_index, part },
    ])
    const raw = ((item.content ?? []) as readonly Json[]).flatMap((part, content_index) => [
      ...pieces(part.text).map((delta) => ({
        type: 'response.reasoning_text.delta',
        ...at,
        content_index,
        delta,
      })),
      { type: 'response.reasoning_text.done', ...at, content_index, text: part.text },
    ])
    return [added({ summary: [], content: [], encrypted_content: '' }), ...summary, ...raw, done]
  }
  if (item.type === 'function_call') {
    return [
      added({ arguments: '' }),
      ...pieces(item.arguments).map((delta) => ({
        type: 'response.function_call_arguments.delta',
        ...at,
        delta,
      })),
      { type: 'response.function_call_arguments.done', ...at, arguments: item.arguments },
      done,
    ]
  }
  return [added({}), { type: `response.${String(item.type)}.completed`, ...at }, done]
}

function partEvents(part: Json, at: Json): readonly Json[] {
  if (part.type === 'refusal') {
    return [
      { type: 'response.content_part.added', ...at, part: { ...part, refusal: '' } },
      ...pieces(part.refusal).map((delta) => ({ type: 'response.refusal.delta', ...at, delta })),
      { type: 'response.refusal.done', ...at, refusal: part.refusal },
      { type: 'response.content_part.done', ...at, part },
    ]
  }
  const logprobs = (part.logprobs ?? []) as readonly Json[]
  const texts = logprobs.length > 0 ? logprobs.map((one) => String(one.token)) : pieces(part.text)
  return [
    { type: 'response.content_part.added', ...at, part: { ...part, text: '', annotations: [] } },
    ...texts.map((delta, i) => ({
      type: 'response.output_text.delta',
      ...at,
      delta,
      logprobs: logprobs.slice(i, i + 1),
    })),
    ...((part.annotations ?? []) as readonly Json[]).map((annotation, annotation_index) => ({
      type: 'response.output_text.annotation.added',
      ...at,
      annotation_index,
      annotation,
    })),
    { type: 'response.output_text.done', ...at, text: part.text, logprobs },
    { type: 'response.content_part.done', ...at, part },
  ]
}

/** Uneven pieces that cut no character in two. */
function pieces(text: unknown): readonly string[] {
  const out: string[] = []
  const letters = Array.from(String(text))
  for (let at = 0, size = 1; at < letters.length; at += size, size = size + 2) {
    out.push(letters.slice(at, at + size).join(''))
  }
  return out
}
