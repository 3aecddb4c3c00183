/** Both dialects, every stream fixture, every byte: where the network cuts a stream must not be seen in its chunks. */
import type { Protocol } from '@turnout/core/adapter'
import { chatProtocol, GENERIC_DIALECT } from '@turnout/openai-compatible'
import { describe, expect, it } from 'vitest'
import { contextFor, readStream } from '../../openai-compatible/test/chat-support.js'
import { fixtures as compatibleFixtures } from '../../openai-compatible/test/fixtures.js'
import { modelRules } from '../src/models.js'
import { openaiChatDialect } from '../src/openai-chat-dialect.js'
import { responsesProtocol } from '@turnout/openai-compatible/responses'
import { fixtures as chatFixtures } from './fixtures.js'
import { fixtures as responsesFixtures } from '../../openai-compatible/test/responses-fixtures.js'
import { plainRules } from '../../openai-compatible/test/responses-support.js'

/** Texts, not deep comparisons: there are thousands of cuts. */
function outcome(protocol: Protocol, ...pieces: readonly Uint8Array[]): string {
  const { chunks, error } = readStream(protocol, pieces, contextFor({}, { stream: true }))
  return JSON.stringify([chunks, String(error)])
}

describe.each([
  ['chat, any server', chatProtocol(GENERIC_DIALECT), compatibleFixtures],
  ['chat, OpenAI', chatProtocol(openaiChatDialect(modelRules)), chatFixtures],
  ['Responses', responsesProtocol(() => plainRules), responsesFixtures],
] as const)('%s', (_dialect, protocol, fixtures) => {
  const streams = fixtures.filter(({ kind }) => kind === 'stream')

  it.each(streams.map(({ name, body }) => [name, Buffer.from(body)] as const))(
    '%s: the same chunks wherever it is cut',
    (_name, bytes) => {
      const whole = outcome(protocol, bytes)
      const cuts = [...bytes.keys()].slice(1)
      expect(
        cuts.filter((at) => outcome(protocol, bytes.subarray(0, at), bytes.subarray(at)) !== whole),
      ).toEqual([])
      expect(outcome(protocol, ...Array.from(bytes, (byte) => Uint8Array.of(byte)))).toBe(whole)
    },
  )
})
