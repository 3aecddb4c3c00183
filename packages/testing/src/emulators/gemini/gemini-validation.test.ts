import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Emulator } from '../emulator.js'
import { geminiEmulator } from './gemini-emulator.js'

let server: Emulator
beforeAll(async () => {
  server = await geminiEmulator()
})
afterAll(() => server.close())

const user = (...parts: object[]) => ({ role: 'user', parts })
const model = (...parts: object[]) => ({ role: 'model', parts })
const hi = user({ text: 'Hi' })
const call = { functionCall: { name: 'f', args: {} } }
const response = { functionResponse: { name: 'f', response: { result: 'ok' } } }
const declare = (declaration: object) => ({
  tools: [{ functionDeclarations: [{ name: 'f', ...declaration }] }],
})
const config = (generationConfig: object) => ({ generationConfig })
const object = (properties: object) => ({ type: 'OBJECT', properties })

async function post(body: object, name = 'gemini-2.5-flash') {
  const answer = await fetch(`${server.baseURL}/models/${name}:generateContent`, {
    method: 'POST',
    headers: { 'x-goog-api-key': 'k' },
    body: JSON.stringify({ contents: [hi], ...body }),
  })
  const { error } = (await answer.json()) as { error?: { status: string; message: string } }
  return { status: answer.status, word: error?.status, message: error?.message ?? '' }
}

describe('request validation of the Gemini emulator', () => {
  it.each<[string, object, string?]>([
    ['a plain request', {}],
    [
      'snake case',
      {
        generation_config: { max_output_tokens: 5, thinking_config: { thinking_budget: 0 } },
        system_instruction: { parts: [{ text: 's' }] },
      },
    ],
    [
      'a tool loop',
      {
        contents: [hi, model(call, call), user(response, response)],
        ...declare({ parameters: object({ a: { type: 'STRING' } }) }),
      },
    ],
    ['inline data', { contents: [user({ inlineData: { mimeType: 'image/png', data: 'AA==' } })] }],
    ['an empty text with a signature', { contents: [hi, model({ text: '', thoughtSignature: 'eA==' }), hi] }],
    [
      'a JSON schema',
      config({
        responseMimeType: 'application/json',
        responseJsonSchema: { type: 'object', additionalProperties: false },
      }),
    ],
    ['a final model turn before Gemini 4', { contents: [hi, model({ text: 'Once' })] }],
  ])('takes %s', async (_name, body, name) => {
    expect(await post(body, name)).toEqual({ status: 200, word: undefined, message: '' })
  })

  it.each<[string, object, RegExp, string?]>([
    ['no contents', { contents: [] }, /contents is not specified/],
    ['an unknown field', { user: 'u' }, /Unknown name "user": Cannot find field/],
    ['an unknown setting', config({ seedling: 1 }), /Unknown name "seedling" at 'generation_config'/],
    ['an unknown role', { contents: [{ role: 'assistant', parts: [{ text: 'a' }] }] }, /valid role/],
    ['a model first', { contents: [model({ text: 'a' })] }, /start with a user role/],
    ['no parts', { contents: [{ role: 'user', parts: [] }] }, /parts must not be empty/],
    ['an empty text', { contents: [user({ text: '' })] }, /required oneof field 'data'/],
    ['two kinds of data in a part', { contents: [user({ text: 'a', ...response })] }, /already set/],
    ['an unknown part', { contents: [user({ image_url: 'x' })] }, /Unknown name "imageUrl"/],
    [
      'a data URI',
      { contents: [user({ inlineData: { mimeType: 'image/png', data: 'data:image/png;base64,AA==' } })] },
      /Base64/,
    ],
    ['data without a type', { contents: [user({ inlineData: { data: 'AA==' } })] }, /Mime type/],
    [
      'arguments as a string',
      { contents: [hi, model({ functionCall: { name: 'f', args: '{}' } }), user(response)] },
      /args/,
    ],
    [
      'a response as a string',
      { contents: [hi, model(call), user({ functionResponse: { name: 'f', response: 'ok' } })] },
      /Struct/,
    ],
    [
      'a response without a name',
      { contents: [hi, model(call), user({ functionResponse: { response: {} } })] },
      /Name cannot be empty/,
    ],
    [
      'fewer responses than calls',
      { contents: [hi, model(call, call), user(response)] },
      /number of function response parts|immediately after/,
    ],
    [
      'a call without response',
      { contents: [hi, model(call), hi] },
      /immediately after a function call turn/,
    ],
    ['a response without call', { contents: [user(response)] }, /number of function response parts/],
    [
      'a call after a model turn',
      { contents: [hi, model({ text: 'a' }), model(call), user(response)] },
      /after a user turn/,
    ],
    ['a name that begins with a digit', declare({ name: '1f' }), /Invalid function name/],
    ['a name of 65 characters', declare({ name: 'f'.repeat(65) }), /Invalid function name/],
    [
      'JSON Schema words in parameters',
      declare({ parameters: { ...object({ a: { type: 'STRING' } }), additionalProperties: false } }),
      /Unknown name "additionalProperties" at 'tools\[0\]/,
    ],
    [
      '$ref deep in parameters',
      declare({ parameters: object({ a: { $ref: '#/x' } }) }),
      /Unknown name "\$ref"/,
    ],
    [
      'a list of types',
      declare({ parameters: object({ a: { type: ['STRING', 'NULL'] } }) }),
      /not repeating/,
    ],
    ['an empty object schema', declare({ parameters: { type: 'object', properties: {} } }), /non-empty/],
    [
      'both kinds of parameters',
      declare({ parameters: object({ a: {} }), parametersJsonSchema: {} }),
      /only one/,
    ],
    ['a schema without its MIME type', config({ responseSchema: object({ a: {} }) }), /response_mime_type/],
    [
      'allowed names without ANY',
      { toolConfig: { functionCallingConfig: { mode: 'AUTO', allowedFunctionNames: ['f'] } } },
      /mode should be set to ANY/,
    ],
    ['six stop sequences', config({ stopSequences: ['1', '2', '3', '4', '5', '6'] }), /at most 5/],
    [
      'budget and level',
      config({ thinkingConfig: { thinkingBudget: 1, thinkingLevel: 'LOW' } }),
      /only one of/,
      'gemini-3-pro',
    ],
    ['a level on 2.5', config({ thinkingConfig: { thinkingLevel: 'LOW' } }), /level is not supported/],
    [
      'thinking off on 2.5 Pro',
      config({ thinkingConfig: { thinkingBudget: 0 } }),
      /Budget 0/,
      'gemini-2.5-pro',
    ],
    ['MINIMAL on 3 Pro', config({ thinkingConfig: { thinkingLevel: 'MINIMAL' } }), /MINIMAL/, 'gemini-3-pro'],
    ['a penalty on 4', config({ presencePenalty: 1 }), /Penalty/, 'gemini-4-pro'],
    ['a budget on 4', config({ thinkingConfig: { thinkingBudget: 100 } }), /budget/, 'gemini-4-pro'],
    ['a prefill on 4', { contents: [hi, model({ text: 'Once' })] }, /end with a user role/, 'gemini-4-pro'],
    ['tools beside cached content', { cachedContent: 'cachedContents/1', ...declare({}) }, /CachedContent/],
  ])('refuses %s', async (_name, body, message, name) => {
    const refused = await post(body, name)
    expect(refused).toMatchObject({ status: 400, word: 'INVALID_ARGUMENT' })
    expect(refused.message).toMatch(message)
  })
})
