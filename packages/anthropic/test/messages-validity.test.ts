/** Whatever a caller sends, the server gets nothing that it refuses: encoded at random, judged by the emulator's checks. */
import type { ChatMessage, ChatRequest, Tool, ToolCall, UserPart } from '@turnout/core/adapter'
import { isGatewayError } from '@turnout/core/adapter'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signThinking } from '../../testing/src/emulators/anthropic/thinking-signature.js'
import { validateMessageRequest } from '../../testing/src/emulators/anthropic/validate-message-request.js'
import { chatRequest, encode, fold, protocol, protocolContext } from './protocol-support.js'

const MODELS = [
  'claude-3-haiku-20240307',
  'claude-3-7-sonnet-20250219',
  'claude-opus-4-1',
  'claude-sonnet-4-5',
  'claude-opus-4-6',
  'claude-opus-4-7',
  'claude-opus-4-8',
  'claude-opus-5',
  'claude-sonnet-5-5',
  'claude-opus-5-5',
  'claude-opus-6',
]
const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max', 'ludicrous']

const text = fc.constantFrom('Hello there.', '', ' \n ', 'Trailing space ', 'ü🌧')
const part: fc.Arbitrary<UserPart> = fc.oneof(
  text.map((value) => ({ type: 'text' as const, text: value })),
  fc.constant({ type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } }),
  fc.constant({ type: 'file' as const, file: { file_url: 'https://example.com/a.pdf' } }),
)
const cache = fc.option(
  fc.constantFrom({ type: 'ephemeral' as const }, { type: 'ephemeral' as const, ttl: '1h' as const }),
  { nil: undefined },
)
const content = fc.oneof(text, fc.array(part, { maxLength: 3 }))
const toolName = fc.constantFrom('look', 'files.read', 'x'.repeat(90), 'naïve')
const call = fc
  .record({
    id: fc.constantFrom('call_1', 'call_2', 'functions.look:0', ''),
    name: toolName,
    json: fc.constantFrom('{}', '', '{"a":1}', '{"a":', '[1]'),
  })
  .map(({ id, name, json }): ToolCall => ({ id, type: 'function', function: { name, arguments: json } }))

const signed = fc
  .record({ content: fc.constantFrom('So.', ''), thought: fc.constantFrom('Hm.', '') })
  .map(({ content: said, thought }): ChatMessage => {
    const answer = protocol.decode(
      {
        id: 'm',
        type: 'message',
        model: 'c',
        stop_reason: 'end_turn',
        content: [
          { type: 'thinking', thinking: thought, signature: signThinking(thought) },
          ...(said ? [{ type: 'text', text: said }] : []),
        ],
      },
      protocolContext(),
    )
    return fold(answer).choices[0]?.message as ChatMessage
  })
/** One step of a conversation; calls come with their results. */
const step: fc.Arbitrary<readonly ChatMessage[]> = fc.oneof(
  fc.record({ content, cache_control: cache }).map((fields): ChatMessage[] => [{ role: 'user', ...fields }]),
  fc
    .record({ content: text, cache_control: cache })
    .map((fields): ChatMessage[] => [{ role: 'system', ...fields }]),
  fc
    .record({ content: fc.oneof(text, fc.constant(null)), cache_control: cache })
    .map((fields): ChatMessage[] => [{ role: 'assistant', ...fields }]),
  signed.map((message) => [message]),
  fc
    .record({
      said: text,
      calls: fc.array(call, { minLength: 1, maxLength: 3 }),
      results: content,
      cache_control: cache,
      late: text,
    })
    .map(({ said, calls, results, cache_control, late }): ChatMessage[] => [
      { role: 'assistant', content: said, tool_calls: calls },
      ...calls.flatMap(({ id }, at): ChatMessage[] => [
        ...(at === 1 ? [{ role: 'user' as const, content: late }] : []),
        { role: 'tool', tool_call_id: id, content: results, cache_control },
      ]),
    ]),
)
const tool: fc.Arbitrary<Tool> = fc
  .record({
    name: toolName,
    parameters: fc.constantFrom(
      undefined,
      { type: 'object' },
      { properties: { a: { type: 'string', minLength: 2 } } },
      {
        anyOf: [
          { type: 'object', properties: { a: {} } },
          { type: 'object', properties: { b: {} } },
        ],
      },
    ),
    strict: fc.constantFrom(undefined, true),
  })
  .map((fields) => ({ type: 'function', function: fields }))
const settings: fc.Arbitrary<Partial<ChatRequest>> = fc.record(
  {
    temperature: fc.constantFrom(0, 0.5, 1, 2),
    top_p: fc.constantFrom(0.3, 0.97, 1),
    top_k: fc.constant(5),
    max_tokens: fc.constantFrom(1, 500, 5_000, 1_000_000),
    stop: fc.constantFrom(' ', ['a', ''], 'END'),
    reasoning_effort: fc.constantFrom(...EFFORTS),
    tools: fc.uniqueArray(tool, { selector: ({ function: { name } }) => name, maxLength: 3 }),
    tool_choice: fc.constantFrom('auto', 'none', 'required'),
    parallel_tool_calls: fc.boolean(),
    response_format: fc.constantFrom(
      { type: 'text' },
      { type: 'json_object' },
      {
        type: 'json_schema',
        json_schema: {
          name: 'an answer',
          schema: { type: 'object', properties: { n: { type: 'integer', minimum: 1 } } },
        },
      },
      {
        type: 'json_schema',
        json_schema: { name: 'tree', schema: { type: 'object', properties: { next: { $ref: '#' } } } },
      },
    ),
  },
  { requiredKeys: [] },
)

describe('what is sent', () => {
  it('passes the checks of the server for every model family', () => {
    let taken = 0
    const runs = 1_500
    fc.assert(
      fc.property(
        fc.constantFrom(...MODELS),
        fc.array(step, { minLength: 1, maxLength: 6 }),
        settings,
        (model, steps, fields) => {
          const request = chatRequest(fields, steps.flat())
          try {
            const { body } = encode(request, { model })
            validateMessageRequest(body, '2023-06-01')
            taken++
          } catch (error) {
            // Conversations without content, and schemas that a model cannot take, are refused before they are sent.
            if (!isGatewayError(error, 'invalid_request')) throw error
          }
        },
      ),
      { numRuns: runs },
    )
    expect(taken).toBeGreaterThan(runs / 2)
  })
})
