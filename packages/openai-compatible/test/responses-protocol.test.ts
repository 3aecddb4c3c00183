import { checkChunkInvariants } from '@turnout/core'
import { describe, expect, it } from 'vitest'
import { createFrameReader } from '../../core/src/adapter/framing.js'
import { readStream } from './chat-support.js'
import { responsesProtocol } from '../src/responses/protocol.js'
import { fixtures } from './responses-fixtures.js'
import { contextFor, plainRules } from './responses-support.js'

const protocol = responsesProtocol(() => plainRules)
const named = (wanted: (fixture: (typeof fixtures)[number]) => boolean) =>
  fixtures.filter(wanted).map((fixture) => [fixture.name, fixture] as const)

/** The events of a stream whose bytes come in these pieces, as one text. */
function eventsIn(...pieces: readonly Uint8Array[]): string {
  const reader = createFrameReader(contextFor({}, { stream: true }))
  const frames = pieces.flatMap((piece) => reader.read([piece]))
  const end = reader.end()
  const all = [...frames, ...(end.kind === 'events' ? end.frames : [])]
  return all.map(({ event, data }) => `${event} ${data}`).join('\n')
}

describe('streams', () => {
  // The same events give the same chunks: for every cut they are enough to compare.
  it.each(named(({ kind }) => kind === 'stream'))(
    '%s: the same events wherever it is cut',
    (_name, { body }) => {
      const bytes = Buffer.from(body)
      const whole = eventsIn(bytes)
      const cuts = [...bytes.keys()].slice(1)
      expect(cuts.filter((at) => eventsIn(bytes.subarray(0, at), bytes.subarray(at)) !== whole)).toEqual([])
    },
  )

  const good = named((fixture) => fixture.kind === 'stream' && fixture.expect.error === undefined)

  it.each(good)('%s: keeps the rules of a stream', (_name, { body }) => {
    const { chunks } = readStream(protocol, [Buffer.from(body)], contextFor())
    expect(checkChunkInvariants(chunks, { from: 'adapter' })).toEqual([])
  })

  it.each(good)('%s: is interrupted when its last event is missing', (_name, { body }) => {
    const cut = Buffer.from(body.slice(0, body.lastIndexOf('event: ')))
    const { chunks, error } = readStream(protocol, [cut], contextFor())
    expect(error?.code).toBe('stream_interrupted')
    expect(checkChunkInvariants(chunks, { from: 'adapter', complete: false })).toEqual([])
    expect(chunks.some(({ choices }) => choices.some(({ finish_reason }) => finish_reason))).toBe(false)
  })
})
