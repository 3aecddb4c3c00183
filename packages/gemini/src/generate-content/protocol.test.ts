import { describe, expect, it } from 'vitest'
import {
  isGatewayError,
  type ChatChunk,
  type GatewayError,
  type ProtocolContext,
} from '@turnout/core/adapter'
import type { Fixture } from '@turnout/testing'
import { fixtures } from '../../test/fixtures.js'
import { foldChunks } from '../../test/fold-chunks.js'
import { chatRequest, protocolContext } from '../../test/protocol-context.js'
import { generateContent } from './protocol.js'

const protocol = generateContent()

interface Reading {
  readonly chunks: readonly ChatChunk[]
  readonly error?: GatewayError
}

/** Events as the toolkit hands them over: by blank line, JSON that is none as one frame or one per item. */
function framesOf(body: string): string[] {
  const events = body.split('\r\n\r\n').filter((event) => event.trim() !== '')
  return events.flatMap((event) => {
    if (event.startsWith('data: ')) return [event.slice('data: '.length)]
    const value: unknown = JSON.parse(event)
    return Array.isArray(value) ? value.map((item) => JSON.stringify(item)) : [event]
  })
}

function readStream(body: string, context: ProtocolContext): Reading {
  const state = protocol.start(context)
  const chunks: ChatChunk[] = []
  try {
    for (const data of framesOf(body)) chunks.push(...protocol.step(state, { data }))
    chunks.push(...protocol.end(state))
    return { chunks }
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return { chunks, error }
  }
}

function readWhole(body: string, context: ProtocolContext): Reading {
  try {
    return { chunks: protocol.decode(JSON.parse(body), context) }
  } catch (error) {
    if (!isGatewayError(error)) throw error
    return { chunks: [], error }
  }
}

function read(fixture: Fixture): Reading {
  const request = 'request' in fixture ? chatRequest(fixture.request) : chatRequest()
  const context = protocolContext({ request, stream: fixture.kind === 'stream' })
  return fixture.kind === 'stream' ? readStream(fixture.body, context) : readWhole(fixture.body, context)
}

/** Everything that a fixture can expect, as it was read. */
function readingOf(fixture: Fixture) {
  const { chunks, error } = read(fixture)
  const folded = foldChunks(chunks)
  const { usage } = folded
  return {
    text: folded.text,
    reasoning: folded.reasoning,
    toolCalls: folded.toolCalls.map(({ name, arguments: text }) => ({
      name,
      arguments: JSON.parse(text) as unknown,
    })),
    finishReason: folded.finish,
    nativeFinishReason: folded.native,
    model: folded.model,
    usage:
      usage === undefined
        ? null
        : {
            inputTokens: usage.prompt_tokens,
            outputTokens: usage.completion_tokens,
            cachedTokens: usage.prompt_tokens_details?.cached_tokens,
            reasoningTokens: usage.completion_tokens_details?.reasoning_tokens,
          },
    error,
  }
}

describe('fixtures', () => {
  const answers = fixtures.filter((fixture) => fixture.kind !== 'error')
  it.each(answers.map((fixture) => [fixture.name, fixture] as const))('reads: %s', (_name, fixture) => {
    expect(readingOf(fixture)).toMatchObject({ error: undefined, ...fixture.expect })
  })

  const pairs = new Set(
    fixtures.flatMap((fixture) => ('pair' in fixture && fixture.pair ? [fixture.pair] : [])),
  )
  for (const pair of pairs) {
    it(`stream equals whole answer: ${pair}`, () => {
      const members = fixtures.filter((fixture) => 'pair' in fixture && fixture.pair === pair)
      const [first, ...others] = members.map((member) => foldChunks(read(member).chunks))
      expect(others.length).toBeGreaterThan(0)
      for (const other of others) expect(other).toEqual(first)
    })
  }
})
