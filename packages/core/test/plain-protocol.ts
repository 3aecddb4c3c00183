/** The smallest dialect that has everything a protocol has, for tests of the adapter toolkit. */
import {
  GatewayError,
  codeForStatus,
  deltaChunk,
  finishChunk,
  isRecord,
  makeUsage,
  parseJson,
  providerError,
  usageChunk,
  type ChatChunk,
  type Protocol,
  type StreamState,
} from '../src/adapter/index.js'

interface PlainState extends StreamState {
  readonly head: { readonly id: string; readonly created: number; readonly model: string }
  chars: number
}

const head = { id: 'plain-1', created: 1_700_000_000, model: 'm-1' }

/** Events: `{"text":"…"}`, `{"error":"…"}`, at the end `{"stop":true}`. Whole: `{"text":"…"}` or `{"error":"…"}`. */
export const plainProtocol: Protocol<PlainState> = {
  name: 'plain',
  encode: (request, { model, stream }) => ({
    path: '/chat',
    body: { model, messages: request.messages, stream },
  }),
  start: () => ({ done: false, head, chars: 0 }),
  step(state, frame) {
    const event = parseJson(frame.data)
    failOn(event)
    if (!isRecord(event)) return []
    if (event['stop'] === true) state.done = true
    if (typeof event['text'] !== 'string') return []
    state.chars += event['text'].length
    return [deltaChunk(head, 0, { content: event['text'] })]
  },
  end(state) {
    if (!state.done)
      throw new GatewayError({ code: 'stream_interrupted', message: 'the stop event is missing' })
    return endOf(state.chars)
  },
  decode(body) {
    failOn(body)
    const text = (body as { text: string }).text.normalize()
    return [deltaChunk(head, 0, { role: 'assistant', content: text }), ...endOf(text.length)]
  },
  decodeError: (answer) =>
    providerError(answer, { code: codeForStatus(answer.status), message: messageOf(answer.body) }),
}

function endOf(chars: number): ChatChunk[] {
  return [
    finishChunk(head, 0, 'stop', 'stop'),
    usageChunk(head, makeUsage({ inputTokens: 1, outputTokens: chars })),
  ]
}

function failOn(value: unknown): void {
  if (isRecord(value) && typeof value['error'] === 'string') {
    throw new GatewayError({ code: 'overloaded', message: value['error'] })
  }
}

function messageOf(body: unknown): string {
  return isRecord(body) && typeof body['error'] === 'string'
    ? body['error']
    : typeof body === 'string'
      ? body
      : ''
}

/** The text that chunks stand for. */
export function textIn(chunks: readonly ChatChunk[]): string {
  return chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')
}

/** The event stream of these values. */
export function events(...values: readonly unknown[]): string {
  return values.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('')
}
