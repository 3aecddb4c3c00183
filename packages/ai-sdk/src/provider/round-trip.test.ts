/** What a provider signed is what it gets back: an answer turned into parts, handed back as a prompt, is the same message. */
import type {
  LanguageModelV3Content,
  LanguageModelV3Message,
  LanguageModelV3StreamPart,
} from '@ai-sdk/provider'
import type { ChatChunk, GatewayMeta, ProviderState, ResponseMessage } from '@turnout/core'
import { deltaChunk, finishChunk } from '@turnout/core/adapter'
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { encodePrompt } from './encode-prompt.js'
import { createPartWriter } from './part-writer.js'
import { readAnswer } from './read-answer.js'

const head = { id: 'a-1', created: 1, model: 'm' }
const state: ProviderState = {
  v: 1,
  adapter: 'acme',
  model: 'm',
  origin: 'o',
  blocks: [{ x: 1 }],
  digest: 'd',
}
const meta = { attempts: [], warnings: [] } as unknown as GatewayMeta
const text = fc.string({ maxLength: 12 })
/** JSON as providers write it: with and without spaces, numbers in odd forms. */
const argumentsText = fc.oneof(
  fc
    .dictionary(fc.string({ minLength: 1, maxLength: 4 }), fc.jsonValue({ maxDepth: 1 }))
    .chain((value) =>
      fc.constantFrom(JSON.stringify(value), JSON.stringify(value, null, 2), ` ${JSON.stringify(value)}`),
    ),
  fc.constantFrom('{"n":1.0}', '{ "n" : 1e3 }', '{"a":1,"a":2}'),
)
const message: fc.Arbitrary<ResponseMessage> = fc
  .record({
    content: text,
    reasoning: text,
    calls: fc.array(argumentsText, { maxLength: 3 }),
    signed: fc.boolean(),
    detailed: fc.boolean(),
  })
  .map(({ content, reasoning, calls, signed, detailed }) => ({
    role: 'assistant',
    content,
    refusal: null,
    ...(reasoning !== '' && { reasoning_content: reasoning }),
    ...(calls.length > 0 && {
      tool_calls: calls.map((each, index) => ({
        id: `call_${index}`,
        type: 'function' as const,
        function: { name: 'f', arguments: each },
      })),
    }),
    ...(detailed && { reasoning_details: [{ type: 'reasoning.text', index: 0, signature: 'sig' }] }),
    ...(signed && { provider_state: state }),
  }))

/** The SDK's own part of the way: parts of an answer become those of a prompt, and empty texts go. */
function handBack(parts: readonly LanguageModelV3Content[]): LanguageModelV3Message {
  const content = parts.flatMap((part): unknown[] => {
    if (part.type === 'tool-call') {
      const { providerMetadata: providerOptions, input, ...rest } = part
      return [{ ...rest, input: JSON.parse(input) as unknown, providerOptions }]
    }
    if (part.type !== 'text' && part.type !== 'reasoning') return []
    return [{ type: part.type, text: part.text, providerOptions: part.providerMetadata }]
  })
  return { role: 'assistant', content: JSON.parse(JSON.stringify(content)) as never }
}

/** Stream parts put together, as the SDK does. */
function collect(parts: readonly LanguageModelV3StreamPart[]): LanguageModelV3Content[] {
  const content: LanguageModelV3Content[] = []
  const open = new Map<string, { type: 'text' | 'reasoning'; text: string; providerMetadata?: never }>()
  for (const part of parts) {
    if (part.type === 'text-start' || part.type === 'reasoning-start') {
      const block = {
        type: part.type === 'text-start' ? ('text' as const) : ('reasoning' as const),
        text: '',
      }
      open.set(part.id, block)
      content.push(block)
    } else if (part.type === 'text-delta' || part.type === 'reasoning-delta') {
      open.get(part.id)!.text += part.delta
    } else if (part.type === 'text-end' || part.type === 'reasoning-end') {
      if (part.providerMetadata)
        Object.assign(open.get(part.id)!, { providerMetadata: part.providerMetadata })
    } else if (part.type === 'tool-call') content.push(part)
  }
  return content
}

/** The message in pieces, the state with its finish, where adapters send it. */
function chunksOf(whole: ResponseMessage): ChatChunk[] {
  const {
    content,
    reasoning_content: reasoning = '',
    reasoning_details,
    provider_state,
    tool_calls = [],
  } = whole
  return [
    deltaChunk(head, 0, { role: 'assistant' }),
    ...reasoning.split('').map((piece) => deltaChunk(head, 0, { reasoning_content: piece })),
    ...(reasoning_details ? [deltaChunk(head, 0, { reasoning_details })] : []),
    ...(content ?? '').split('').map((piece) => deltaChunk(head, 0, { content: piece })),
    ...tool_calls.flatMap(({ id, function: called }, index) => [
      deltaChunk(head, 0, {
        tool_calls: [{ index, id, type: 'function', function: { name: called.name, arguments: '' } }],
      }),
      ...called.arguments
        .split('')
        .map((piece) => deltaChunk(head, 0, { tool_calls: [{ index, function: { arguments: piece } }] })),
    ]),
    finishChunk(head, 0, 'stop', 'stop', provider_state ? { provider_state } : {}),
    { ...deltaChunk(head, 0, {}), choices: [], gateway: meta },
  ]
}

/** The fields that a state's digest is over, and what goes with them; nothing and empty are the same. */
const essence = (one: Partial<ResponseMessage>) => ({
  content: one.content ?? '',
  reasoning: one.reasoning_content ?? '',
  details: one.reasoning_details ?? [],
  calls: one.tool_calls ?? [],
  state: one.provider_state,
})

it('a whole answer comes back as it was', () => {
  fc.assert(
    fc.property(message, (whole) => {
      const [back] = encodePrompt([handBack(readAnswer(whole))], [])
      expect(essence(back as Partial<ResponseMessage>)).toEqual(essence(whole))
    }),
  )
})

it('a streamed answer comes back as it was', () => {
  fc.assert(
    fc.property(message, (whole) => {
      const parts: LanguageModelV3StreamPart[] = []
      const writer = createPartWriter((part) => parts.push(part))
      for (const chunk of chunksOf(whole)) writer.write(chunk)
      const [back] = encodePrompt([handBack(collect(parts))], [])
      expect(essence(back as Partial<ResponseMessage>)).toEqual(essence(whole))
      expect(parts.at(-1)?.type).toBe('finish')
    }),
  )
})

it('an input that the caller changed is sent as it is now', () => {
  const call: LanguageModelV3Content = {
    type: 'tool-call',
    toolCallId: 'c',
    toolName: 'f',
    input: '{"city":"Rome"}',
    providerMetadata: { turnout: { arguments: '{ "city": "Oslo" }' } },
  }
  const [back] = encodePrompt([handBack([call])], [])
  expect(back).toMatchObject({ tool_calls: [{ function: { arguments: '{"city":"Rome"}' } }] })
})
