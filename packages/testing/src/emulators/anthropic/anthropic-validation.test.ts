import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Emulator } from '../emulator.js'
import { anthropicEmulator } from './anthropic-emulator.js'
import { signThinking } from './thinking-signature.js'

let server: Emulator
beforeAll(async () => {
  server = await anthropicEmulator()
})
afterAll(() => server.close())

const OLD = '2023-06-01'
const NEW = '2026-10-21'
const user = { role: 'user', content: 'Hi' }
const assistant = (...content: object[]) => ({ role: 'assistant', content })
const call = (id = 't1', input: unknown = {}) => ({ type: 'tool_use', id, name: 'f', input })
const result = (id = 't1') => ({ type: 'tool_result', tool_use_id: id, content: 'ok' })
const results = (...content: object[]) => ({ role: 'user', content })
const thought = { type: 'thinking', thinking: 'Hm.', signature: signThinking('Hm.') }
const text = (value: string) => ({ type: 'text', text: value })
const tool = (input_schema: object, more: object = {}) => ({ name: 'f', input_schema, ...more })
const budget = { type: 'enabled', budget_tokens: 2_000 }

async function post(body: object, version: string | undefined = OLD) {
  const response = await fetch(`${server.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': 'k', ...(version ? { 'anthropic-version': version } : {}) },
    body: JSON.stringify({ model: 'claude-haiku-4-5', max_tokens: 4_000, messages: [user], ...body }),
  })
  const answer = (await response.json()) as { error?: { type: string; message: string } }
  return { status: response.status, type: answer.error?.type, message: answer.error?.message ?? '' }
}

describe('request validation of the Anthropic emulator', () => {
  it.each<[string, object, string?]>([
    ['a plain request', {}],
    ['the newer version without sampling', {}, NEW],
    ['sampling in the older version', { temperature: 0.3, stop_sequences: ['END'] }],
    [
      'a tool loop with parallel calls',
      {
        messages: [
          user,
          assistant(thought, call('t1'), call('t2')),
          results(result('t1'), result('t2'), text('and?')),
        ],
        thinking: budget,
      },
    ],
    ['a prefill on an older model', { messages: [user, { role: 'assistant', content: 'Once' }] }],
    [
      'four cache marks',
      {
        system: [{ ...text('s'), cache_control: { type: 'ephemeral' } }],
        tools: [tool({ type: 'object' }, { cache_control: { type: 'ephemeral' } })],
      },
    ],
    [
      'a later system message on a new model',
      { model: 'claude-opus-5-5', messages: [user, { role: 'system', content: 'Be brief.' }] },
    ],
    [
      'an image',
      {
        messages: [
          results({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AA==' } }),
        ],
      },
    ],
    [
      'an output schema',
      {
        output_config: {
          format: {
            type: 'json_schema',
            schema: { type: 'object', properties: {}, additionalProperties: false },
          },
        },
      },
    ],
  ])('takes %s', async (_name, body, version) => {
    expect(await post(body, version)).toEqual({ status: 200, type: undefined, message: '' })
  })

  it.each<[string, object, RegExp, string?]>([
    ['an unknown version', {}, /anthropic-version/, '2020-01-01'],
    ['no max_tokens', { max_tokens: undefined }, /^max_tokens: Field required$/],
    ['too many max_tokens', { max_tokens: 64_001 }, /64001 > 64000/],
    ['no model', { model: undefined }, /^model: Field required$/],
    ['no messages', { messages: [] }, /at least one message/],
    ['an unknown field', { seed: 1 }, /^seed: Extra inputs are not permitted$/],
    [
      'temperature in the newer version',
      { temperature: 1 },
      /^temperature: Extra inputs are not permitted$/,
      NEW,
    ],
    ['temperature above 1', { temperature: 1.5 }, /temperature/],
    ['temperature with top_p on 4.5', { temperature: 0.5, top_p: 0.5 }, /cannot both/],
    ['temperature on a new model', { model: 'claude-opus-4-7', temperature: 0.5 }, /`temperature`/],
    ['top_k on a new model', { model: 'claude-opus-4-7', top_k: 5 }, /`top_k`/],
    ['an assistant first', { messages: [assistant(text('Hi'))] }, /first message/],
    [
      'a system message in the list',
      { messages: [{ role: 'system', content: 's' }, user] },
      /top-level `system`/,
    ],
    [
      'a prefill on a newer model',
      { model: 'claude-opus-4-6', messages: [user, assistant(text('a'))] },
      /prefill/,
    ],
    [
      'trailing white space in a prefill',
      { messages: [user, { role: 'assistant', content: 'Once ' }] },
      /trailing whitespace/,
    ],
    ['an empty text block', { messages: [results(text(''))] }, /non-empty/],
    ['a blank text block', { messages: [results(text(' \n'))] }, /non-whitespace/],
    [
      'a tool id with a colon',
      { messages: [user, assistant(call('f:0')), results(result('f:0'))] },
      /pattern/,
    ],
    [
      'a tool id used twice',
      {
        messages: [
          user,
          assistant(call('a')),
          results(result('a')),
          assistant(call('a')),
          results(result('a')),
        ],
      },
      /unique/,
    ],
    [
      'tool input as a string',
      { messages: [user, assistant(call('t1', '{}')), results(result())] },
      /valid dictionary/,
    ],
    [
      'a call without result',
      { messages: [user, assistant(call()), user] },
      /without `tool_result` blocks immediately after: t1/,
    ],
    [
      'results in two messages',
      { messages: [user, assistant(call('a'), call('b')), results(result('a')), results(result('b'))] },
      /immediately after: b/,
    ],
    [
      'a result behind text',
      { messages: [user, assistant(call()), results(text('so'), result())] },
      /immediately after: t1/,
    ],
    ['a result without call', { messages: [results(result('x'))] }, /unexpected `tool_use_id`/],
    [
      'a data URI as image data',
      {
        messages: [
          results({
            type: 'image',
            source: { type: 'base64', media_type: 'image/png', data: 'data:image/png;base64,AA==' },
          }),
        ],
      },
      /base64/,
    ],
    [
      'an image of another type',
      {
        messages: [
          results({ type: 'image', source: { type: 'base64', media_type: 'image/tiff', data: 'AA==' } }),
        ],
      },
      /media_type/,
    ],
    ['audio', { messages: [results({ type: 'input_audio' })] }, /input_audio/],
    [
      'thinking without signature',
      { messages: [user, assistant({ type: 'thinking', thinking: 'x' }), user] },
      /signature: Field required/,
    ],
    ['a small thinking budget', { thinking: { type: 'enabled', budget_tokens: 1_000 } }, /1024/],
    ['a budget above max_tokens', { thinking: { type: 'enabled', budget_tokens: 5_000 } }, /greater than/],
    ['the budget form on a new model', { model: 'claude-opus-4-7', thinking: budget }, /adaptive/],
    ['temperature with thinking', { thinking: budget, temperature: 0.5 }, /when thinking is enabled/],
    [
      'a forced tool with thinking',
      { thinking: budget, tools: [tool({ type: 'object' })], tool_choice: { type: 'any' } },
      /forces tool use/,
    ],
    [
      'a tool loop without its thinking',
      { thinking: budget, messages: [user, assistant(call()), results(result())] },
      /Expected `thinking`/,
    ],
    ['a tool choice without tools', { tool_choice: { type: 'auto' } }, /tool_choice/],
    ['a schema that is no object', { tools: [tool({ type: 'string' })] }, /input_schema\.type/],
    ['anyOf at the top', { tools: [tool({ type: 'object', anyOf: [] })] }, /top level/],
    ['a tool name with a dot', { tools: [{ name: 'a.b', input_schema: { type: 'object' } }] }, /pattern/],
    [
      'five cache marks',
      {
        messages: [
          results(
            ...Array.from({ length: 5 }, () => ({ ...text('a'), cache_control: { type: 'ephemeral' } })),
          ),
        ],
      },
      /Found 5/,
    ],
    ['a blank stop sequence', { stop_sequences: [' '] }, /non-whitespace/],
    [
      'an open output schema',
      { output_config: { format: { type: 'json_schema', schema: { type: 'object' } } } },
      /additionalProperties/,
    ],
    [
      'a limit in an output schema',
      {
        output_config: {
          format: {
            type: 'json_schema',
            schema: {
              type: 'object',
              additionalProperties: false,
              properties: { a: { type: 'integer', minimum: 1 } },
            },
          },
        },
      },
      /'minimum'/,
    ],
  ])('refuses %s', async (_name, body, message, version) => {
    const refused = await post(body, version)
    expect(refused).toMatchObject({ status: 400, type: 'invalid_request_error' })
    expect(refused.message).toMatch(message)
  })

  it('wants a version', async () => {
    expect((await post({}, '')).message).toBe('anthropic-version: header is required')
  })
})
