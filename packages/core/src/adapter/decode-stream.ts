import type { ChatChunk } from '../contract/chat-response.js'
import type { GatewayError } from '../errors/gateway-error.js'
import { ANSWER_BOUNDS } from './answer-bounds.js'
import { badResponse, decodingError, streamInterrupted } from './answer-error.js'
import { createFrameReader, type FrameReader } from './framing.js'
import { isDeeper, parseJson } from './json.js'
import { notJson, tooDeep } from './parse-answer.js'
import type { Frame, Protocol, ProtocolContext } from './protocol.js'

/** What one network read stands for. */
export interface Batch {
  readonly chunks: readonly ChatChunk[]
  /** The answer is complete. */
  readonly done: boolean
  /** Comes after the chunks. */
  readonly error?: GatewayError
}

/** Turns the bytes of one stream into chunks. No network, no clock: the whole reading of a stream can be tested here. */
export interface StreamDecoder {
  push(bytes: readonly Uint8Array[]): Batch
  /** The body has ended cleanly. */
  end(): Batch
}

const NONE: readonly ChatChunk[] = []

/** @param context `stream: true`; the protocol's `start` is called at once */
export function createStreamDecoder(protocol: Protocol, context: ProtocolContext): StreamDecoder {
  const { bounds = ANSWER_BOUNDS } = context
  const { maxJsonDepth } = bounds
  const reader: FrameReader = createFrameReader(context, bounds)
  const state = protocol.start(context)

  const decode = (frames: readonly Frame[], misread: Misread): Batch => {
    let chunks = NONE
    let all: ChatChunk[] | undefined // a copy only when two events of one read bring chunks
    for (const frame of frames) {
      if (isDeeper(frame.data, maxJsonDepth))
        return { chunks, done: false, error: tooDeep(context, maxJsonDepth) }
      try {
        const more = protocol.step(state, frame)
        if (chunks.length === 0) chunks = more
        else if (more.length > 0) {
          if (all === undefined) chunks = all = [...chunks]
          all.push(...more)
        }
        if (state.done) return finish(chunks)
      } catch (error) {
        const failure = error instanceof SyntaxError ? misread(frame) : decodingError(context, error)
        if (failure) return { chunks, done: false, error: failure }
      }
    }
    return { chunks, done: false }
  }

  const finish = (chunks: readonly ChatChunk[]): Batch => {
    try {
      return { chunks: [...chunks, ...protocol.end(state)], done: true }
    } catch (error) {
      return { chunks, done: false, error: decodingError(context, error) }
    }
  }

  /** The last events, then what stood outside of events (an error object without `data:`), then the proof of the end. */
  const finishEvents = (frames: readonly Frame[], remainder: string): Batch => {
    const cutOff: Misread = () => streamInterrupted(context, 'ended in the middle of an event')
    const rest = isDeeper(remainder, maxJsonDepth) ? [] : framesOfJson(remainder)
    const last = decode([...frames, ...rest], cutOff)
    return last.done || last.error ? last : finish(last.chunks)
  }

  const finishJson = (text: string): Batch => {
    if (isDeeper(text, maxJsonDepth))
      return { chunks: NONE, done: false, error: tooDeep(context, maxJsonDepth) }
    let body: unknown
    try {
      body = parseJson(text)
    } catch {
      return { chunks: NONE, done: false, error: notJson(text, context) }
    }
    if (Array.isArray(body)) {
      const batch = decode(body.map(frameOfValue), malformed)
      return batch.done || batch.error ? batch : finish(batch.chunks)
    }
    try {
      return { chunks: protocol.decode(body, context), done: true }
    } catch (error) {
      return { chunks: NONE, done: false, error: decodingError(context, error) }
    }
  }

  /** An event that is not JSON, with more to come: the one place that decides whether it may be skipped. */
  const malformed: Misread = () => badResponse(context, 'an event that is not JSON')

  return {
    push(bytes) {
      let frames: readonly Frame[]
      try {
        frames = reader.read(bytes)
      } catch (error) {
        return { chunks: NONE, done: false, error: decodingError(context, error) }
      }
      return decode(frames, malformed)
    },
    end() {
      try {
        const body = reader.end()
        if (body.kind === 'events') return finishEvents(body.frames, body.remainder)
        if (body.kind === 'json') return finishJson(body.text)
        return { chunks: NONE, done: false, error: badResponse(context, 'an empty body') }
      } catch (error) {
        return { chunks: NONE, done: false, error: decodingError(context, error) }
      }
    },
  }
}

/** What an event that does not parse means; `undefined` skips it. */
type Misread = (frame: Frame) => GatewayError | undefined

/** JSON that stands outside of events, as events; nothing when it is no JSON, since unknown lines are skipped. */
function framesOfJson(text: string): readonly Frame[] {
  const trimmed = text.trim()
  if (!trimmed.startsWith('{') && !trimmed.startsWith('[')) return []
  try {
    const value = parseJson(trimmed)
    return Array.isArray(value) ? value.map(frameOfValue) : [frameOfValue(value)]
  } catch {
    return []
  }
}

function frameOfValue(value: unknown): Frame {
  return { data: JSON.stringify(value) }
}
