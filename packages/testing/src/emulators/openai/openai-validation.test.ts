import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Emulator } from '../emulator.js'
import { openaiEmulator } from './openai-emulator.js'

let server: Emulator
beforeAll(async () => {
  server = await openaiEmulator()
})
afterAll(() => server.close())

const user = { role: 'user', content: 'Hi' }
const call = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }
const calling = { role: 'assistant', content: null, tool_calls: [call] }
const result = { role: 'tool', tool_call_id: 'c1', content: 'ok' }
const tool = (parameters: object, strict = false) => ({
  type: 'function',
  function: { name: 'f', parameters, strict },
})
const schema = (body: object) => ({
  type: 'json_schema',
  json_schema: { name: 'answer', strict: true, schema: body },
})
const closed = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
}

async function post(
  body: object | string,
): Promise<{ status: number; error?: { message: string; param: string | null; code: string | null } }> {
  const response = await fetch(`${server.baseURL}/chat/completions`, {
    method: 'POST',
    headers: { authorization: 'Bearer k', 'content-type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify({ model: 'gpt-4.1', messages: [user], ...body }),
  })
  return { status: response.status, ...((await response.json()) as object) }
}

describe('request validation of the OpenAI emulator', () => {
  it.each<[string, object | string]>([
    ['a plain request', {}],
    ['a tool loop', { messages: [user, calling, result], tools: [tool({ type: 'object' })] }],
    [
      'every part of a user message',
      {
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: 'a' },
              { type: 'image_url', image_url: { url: 'data:image/png;base64,AA==' } },
              { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
              { type: 'file', file: { file_data: 'data:application/pdf;base64,AA==', filename: 'a.pdf' } },
            ],
          },
        ],
      },
    ],
    ['a strict schema', { response_format: schema(closed) }],
    [
      'a reasoning model with its own settings',
      { model: 'gpt-5', max_completion_tokens: 10, reasoning_effort: 'low' },
    ],
    ['sampling while reasoning is off', { model: 'gpt-5.1', temperature: 0.2 }],
  ])('takes %s', async (_name, body) => {
    expect(await post(body)).toMatchObject({ status: 200 })
  })

  it.each<[string, object | string, string | null, string | null, RegExp]>([
    ['a body that is no JSON', '{"model":', null, null, /parse/],
    ['no model', { model: undefined }, null, null, /model/],
    ['no messages', { messages: undefined }, 'messages', 'missing_required_parameter', /messages/],
    ['empty messages', { messages: [] }, 'messages', 'empty_array', /empty/],
    ['an unknown field', { colour: 'red' }, 'colour', 'unknown_parameter', /colour/],
    [
      'an unknown role',
      { messages: [{ role: 'robot', content: '' }] },
      'messages.[0].role',
      'invalid_value',
      /robot/,
    ],
    [
      'content null without calls',
      { messages: [{ role: 'assistant', content: null }] },
      'messages.[0].content',
      null,
      /null/,
    ],
    [
      'empty tool_calls',
      { messages: [{ role: 'assistant', content: '', tool_calls: [] }] },
      'messages.[0].tool_calls',
      'empty_array',
      /empty/,
    ],
    ['a result without a call', { messages: [user, result] }, 'messages.[1].role', null, /tool_calls/],
    ['a call without its result', { messages: [calling, user] }, 'messages.[1].role', null, /c1/],
    ['a call at the end', { messages: [user, calling] }, 'messages.[1].role', null, /c1/],
    [
      'a tool id of 41 characters',
      { messages: [{ ...calling, tool_calls: [{ ...call, id: 'x'.repeat(41) }] }] },
      'messages.[0].tool_calls[0].id',
      'string_above_max_length',
      /40/,
    ],
    [
      'an image in a system message',
      { messages: [{ role: 'system', content: [{ type: 'image_url', image_url: { url: 'https://a' } }] }] },
      'messages.[0].content.[0].type',
      'invalid_value',
      /image_url/,
    ],
    [
      'file data without a name',
      { messages: [{ role: 'user', content: [{ type: 'file', file: { file_data: 'data:a' } }] }] },
      'messages.[0].content.[0].file.filename',
      'missing_required_parameter',
      /filename/,
    ],
    ['no tools in a list', { tools: [] }, 'tools', 'empty_array', /tools/],
    ['a tool choice without tools', { tool_choice: 'auto' }, 'tool_choice', null, /tools/],
    ['parallel calls without tools', { parallel_tool_calls: false }, 'parallel_tool_calls', null, /tools/],
    [
      'a tool name with a dot',
      { tools: [{ type: 'function', function: { name: 'a.b' } }] },
      'tools[0].function.name',
      'invalid_value',
      /pattern/,
    ],
    [
      'stream options without a stream',
      { stream_options: { include_usage: true } },
      'stream_options',
      null,
      /stream/,
    ],
    ['temperature 3', { temperature: 3 }, 'temperature', 'decimal_out_of_range', /above/],
    ['five stop words', { stop: ['a', 'b', 'c', 'd', 'e'] }, 'stop', 'array_above_max_length', /4/],
    ['json_object without the word', { response_format: { type: 'json_object' } }, 'messages', null, /json/],
    [
      'an open object in a strict schema',
      { response_format: schema({ type: 'object', properties: {} }) },
      'response_format',
      'invalid_json_schema',
      /additionalProperties/,
    ],
    [
      'an optional property in a strict tool',
      { tools: [tool({ ...closed, required: [] }, true)] },
      'tools[0].function.parameters',
      'invalid_json_schema',
      /Missing 'a'/,
    ],
    [
      'oneOf in a strict schema',
      { response_format: schema({ ...closed, properties: { a: { oneOf: [] } } }) },
      'response_format',
      'invalid_json_schema',
      /oneOf/,
    ],
    [
      'max_tokens at a reasoning model',
      { model: 'o3', max_tokens: 5 },
      'max_tokens',
      'unsupported_parameter',
      /max_completion_tokens/,
    ],
    [
      'temperature while reasoning',
      { model: 'gpt-5', temperature: 0.5 },
      'temperature',
      'unsupported_value',
      /0\.5/,
    ],
    [
      'top_p while reasoning',
      { model: 'gpt-5.1', reasoning_effort: 'high', top_p: 0.5 },
      'top_p',
      'unsupported_parameter',
      /top_p/,
    ],
    [
      'effort at a model that does not reason',
      { reasoning_effort: 'low' },
      'reasoning_effort',
      'unsupported_parameter',
      /reasoning_effort/,
    ],
    [
      'tools with reasoning on newer models',
      { model: 'gpt-5.6', tools: [tool({ type: 'object' })] },
      'reasoning_effort',
      null,
      /v1\/responses/,
    ],
  ])('refuses %s', async (_name, body, param, code, message) => {
    const { status, error } = await post(body)
    expect({ status, param: error?.param, code: error?.code }).toEqual({ status: 400, param, code })
    expect(error?.message).toMatch(message)
  })
})
