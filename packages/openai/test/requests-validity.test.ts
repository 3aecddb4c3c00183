/** Whatever a caller sends, the server gets nothing that it refuses: encoded at random, judged by the emulator's checks. */
import {
  isGatewayError,
  type ChatMessage,
  type ChatRequest,
  type Tool,
  type UserPart,
} from '@turnout/core/adapter'
import { chatProtocol } from '@turnout/openai-compatible'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contextFor } from '../../openai-compatible/test/chat-support.js'
import { validateChat } from '../../testing/src/emulators/chat-completions/validate-chat.js'
import { openaiChatRules } from '../../testing/src/emulators/openai/openai-model-rules.js'
import { openaiProfile } from '../../testing/src/emulators/openai/openai-profile.js'
import { validateResponseRequest } from '../../testing/src/emulators/openai/responses/validate-response-request.js'
import { chooseApi, type OpenAIApi } from '../src/choose-api.js'
import { modelRules, OPENAI_MODELS } from '../src/models.js'
import { openaiChatDialect } from '../src/openai-chat-dialect.js'
import { responsesProtocol } from '@turnout/openai-compatible/responses'
import { responsesRules } from '../src/responses-rules.js'

const chat = chatProtocol(openaiChatDialect(modelRules))
const responses = responsesProtocol((model) => responsesRules(modelRules(model)))

const model = fc.constantFrom(
  ...OPENAI_MODELS.filter((id) => /^(?:gpt|o\d)/.test(id)),
  'ft:gpt-4.1:me::1',
  'gpt-9',
)
const text = fc.constantFrom('Hello there.', '', ' \n ', 'ü🌧')
const part: fc.Arbitrary<UserPart> = fc.oneof(
  text.map((value) => ({ type: 'text' as const, text: value })),
  fc.constant({ type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } }),
  fc.constant({ type: 'file' as const, file: { file_data: 'data:application/pdf;base64,AAAA' } }),
)
const content = fc.oneof(
  { weight: 3, arbitrary: text },
  { weight: 1, arbitrary: fc.array(part, { maxLength: 3 }) },
)
const toolName = fc.constantFrom('look', 'files.read', 'x'.repeat(90), 'naïve', 'constructor')
const cache_control = fc.constantFrom(undefined, { type: 'ephemeral' as const })

/** One step of a conversation; calls come with their results. */
const step: fc.Arbitrary<readonly ChatMessage[]> = fc.oneof(
  fc.record({ content, cache_control }).map((fields): ChatMessage[] => [{ role: 'user', ...fields }]),
  fc
    .record({ content: text, cache_control })
    .map((fields): ChatMessage[] => [{ role: 'developer', ...fields }]),
  fc
    .record({ content: fc.constantFrom('So.', '', null), refusal: fc.constantFrom(undefined, null, 'No.') })
    .map((fields): ChatMessage[] => [{ role: 'assistant', ...fields }]),
  fc
    .record({
      said: fc.constantFrom('Let me see.', '', null),
      calls: fc.uniqueArray(
        fc.record({
          id: fc.constantFrom('call_1', 'functions.look:0', `toolu_${'z'.repeat(80)}`),
          name: toolName,
          json: fc.constantFrom('{}', '', '{"a":1}', '{"a":'),
        }),
        { minLength: 1, maxLength: 3, selector: ({ id }) => id },
      ),
      results: content,
    })
    .map(({ said, calls, results }): ChatMessage[] => [
      {
        role: 'assistant',
        content: said,
        tool_calls: calls.map(({ id, name, json }) => ({
          id,
          type: 'function',
          function: { name, arguments: json },
        })),
      },
      ...calls.map(({ id }): ChatMessage => ({ role: 'tool', tool_call_id: id, content: results })),
    ]),
)

const schema = fc.constantFrom(
  { type: 'object' },
  { type: 'object', properties: {} },
  { type: 'object', properties: { a: { type: 'string', default: 'x' } }, required: ['a'] },
  { type: 'object', properties: { a: { type: 'string' } } },
  { type: 'object', properties: { a: { oneOf: [{ type: 'string' }] } }, required: ['a'] },
  { type: 'object', properties: { next: { $ref: '#' } }, required: ['next'] },
)
const strict = fc.constantFrom(undefined, false, true)
const tool: fc.Arbitrary<Tool> = fc
  .record({ name: toolName, parameters: fc.option(schema, { nil: undefined }), strict })
  .map((fields) => ({ type: 'function', function: fields }))

const settings: fc.Arbitrary<Partial<ChatRequest>> = fc.record(
  {
    temperature: fc.constantFrom(0, 1, 2),
    top_p: fc.constantFrom(0.3, 1),
    top_k: fc.constant(5),
    max_tokens: fc.constantFrom(1, 500, 1_000_000),
    stop: fc.constantFrom('END', ['a', 'b', 'c', 'd', 'e']),
    seed: fc.constant(7),
    n: fc.constantFrom(1, 2),
    presence_penalty: fc.constantFrom(0, 1),
    frequency_penalty: fc.constantFrom(0, 1),
    logit_bias: fc.constant({ 5: 1 }),
    logprobs: fc.boolean(),
    verbosity: fc.constantFrom('low', 'high'),
    reasoning_effort: fc.constantFrom('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'),
    service_tier: fc.constant('auto'),
    prompt_cache_key: fc.constantFrom('k', 'k'.repeat(100)),
    store: fc.boolean(),
    metadata: fc.constant({ a: 'b' }),
    user: fc.constantFrom('u', 'u'.repeat(100)),
    parallel_tool_calls: fc.boolean(),
    tools: fc.uniqueArray(tool, { selector: ({ function: { name } }) => name, maxLength: 3 }),
    tool_choice: fc.constantFrom('auto', 'none'),
    response_format: fc.oneof(
      fc.constant({ type: 'json_object' as const }),
      fc
        .record({ name: fc.constantFrom('answer', 'an answer'), schema, strict })
        .map((json_schema) => ({ type: 'json_schema' as const, json_schema })),
    ),
  },
  { requiredKeys: [] },
)

const request = fc
  .record({ settings, steps: fc.array(step, { minLength: 1, maxLength: 4 }) })
  .map(({ settings: chosen, steps }): ChatRequest => ({ model: 'route', messages: steps.flat(), ...chosen }))

/** The body as it goes out; `undefined` where the request is refused here, with the place. */
function sentBody(api: OpenAIApi, asked: ChatRequest, id: string, stream: boolean): unknown {
  const context = contextFor(asked, { adapter: 'openai', model: id, stream })
  try {
    return JSON.parse(JSON.stringify((api === 'chat' ? chat : responses).encode(asked, context).body))
  } catch (error) {
    if (isGatewayError(error, 'invalid_request') && error.path !== undefined) return undefined
    throw error
  }
}

describe.each(['auto', 'chat', 'responses'] as const)('what is sent with api %s', (api) => {
  it('passes the checks of the server for every model family', () => {
    let sent = 0
    const runs = 600
    fc.assert(
      fc.property(request, model, fc.boolean(), (asked, id, stream) => {
        const chosen = api === 'auto' ? chooseApi(asked, modelRules(id)) : api
        const body = sentBody(chosen, asked, id, stream)
        if (body === undefined) return
        sent++
        if (chosen === 'responses') validateResponseRequest(body)
        else openaiChatRules(validateChat(body, openaiProfile))
      }),
      { numRuns: runs, seed: 20_261_120 },
    )
    expect(sent).toBeGreaterThan(runs / 2)
  })
})
