/** What a vendor's package can say beyond the common ground: each rule alone. */
import type { ChatRequest } from '@turnout/core/adapter'
import { describe, expect, it } from 'vitest'
import { answerWith, encodeWith, errorOf, type Encoded } from '../../test/chat-support.js'
import { GENERIC_DIALECT, type ChatDialect, type ModelRules } from '../chat-dialect.js'
import { chatProtocol } from './protocol.js'

function encode(request: Partial<ChatRequest>, dialect: Partial<ChatDialect> = {}, facts = {}): Encoded {
  return encodeWith(chatProtocol({ ...GENERIC_DIALECT, ...dialect }), request, facts)
}

const withRules = (rules: ModelRules): Partial<ChatDialect> => ({ rulesFor: () => rules })
const paths = ({ warnings }: Encoded): readonly unknown[] => warnings.map(({ code, path }) => [code, path])

describe('names of speakers', () => {
  const messages = [
    { role: 'system', content: 'A', name: 'rules' },
    { role: 'user', content: 'B', name: 'ann' },
    { role: 'assistant', content: 'C', name: 'bot' },
    { role: 'user', content: 'D' },
  ] as const
  const namesOf = (encoded: Encoded): unknown =>
    encoded.body.messages.map(({ name }: { name?: string }) => name)

  it('go as they are', () => {
    expect(namesOf(encode({ messages }))).toEqual(['rules', 'ann', 'bot', undefined])
  })

  it('are left out with a warning each where messages take none', () => {
    const encoded = encode({ messages }, { speakerNames: false })
    expect(namesOf(encoded)).toEqual([undefined, undefined, undefined, undefined])
    expect(paths(encoded)).toEqual([0, 1, 2].map((i) => ['setting_dropped', `messages[${i}].name`]))
  })

  it('refuse the request where the caller wants that', () => {
    const error = errorOf(() => encode({ messages }, { speakerNames: false }, { unsupported: 'error' }))
    expect(error).toMatchObject({ code: 'invalid_request', path: 'messages[0].name' })
  })
})

describe('earlier reasoning', () => {
  const messages = [
    { role: 'user', content: 'A' },
    { role: 'assistant', content: 'B', reasoning_content: 'why' },
    { role: 'assistant', content: 'C' },
    { role: 'user', content: 'D' },
  ] as const
  const replayReasoning = { field: 'reasoning_content', whenMissing: '' } as const
  const sent = (dialect: Partial<ChatDialect>): unknown =>
    encode({ messages }, dialect).body.messages.map((message: object) =>
      'reasoning_content' in message ? message.reasoning_content : undefined,
    )

  it.each<[string, Partial<ChatDialect>, readonly (string | undefined)[]]>([
    ['as the dialect says', { replayReasoning }, [undefined, 'why', '', undefined]],
    ['as the model says', withRules({ replayReasoning }), [undefined, 'why', '', undefined]],
    [
      'not, where the model says so',
      { replayReasoning, ...withRules({ replayReasoning: false }) },
      Array.from({ length: 4 }, () => undefined),
    ],
  ])('goes back %s', (_name, dialect, expected) => {
    expect(sent(dialect)).toEqual(expected)
  })
})

describe('a schema', () => {
  const response_format = {
    type: 'json_schema',
    json_schema: { name: 'a', schema: { type: 'object' } },
  } as const

  it.each<[ModelRules, boolean]>([
    [{ schemaInInstructions: true }, true],
    [{ schemaInInstructions: true, capabilities: { jsonSchema: true } }, true],
    [{ schemaInInstructions: false, capabilities: { jsonSchema: false } }, false],
    [{ capabilities: { jsonSchema: false } }, true],
    [{}, false],
  ])('by %j goes into the instructions: %s', (rules, instructed) => {
    const encoded = encode({ response_format }, withRules(rules))
    expect(encoded.body.response_format.type).toBe(instructed ? 'json_object' : 'json_schema')
    expect(encoded.body.messages[0].role).toBe(instructed ? 'system' : 'user')
    expect(paths(encoded)).toEqual(instructed ? [['setting_changed', 'response_format']] : [])
  })
})

describe("media in a vendor's own form", () => {
  const encodeMedia: ChatDialect['encodeMedia'] = (part) =>
    part.type === 'file' ? { type: 'document', url: part.file.file_url } : undefined
  const content = [
    { type: 'image_url', image_url: { url: 'https://a.example/i.png' } },
    { type: 'input_audio', input_audio: { data: 'AA==', format: 'wav' } },
    { type: 'file', file: { file_url: 'https://a.example/f.pdf' } },
  ] as const
  const messages = [{ role: 'user', content }] as const

  it('is asked for each part, the common form stands for what it leaves', () => {
    expect(encode({ messages }, { encodeMedia }).body.messages[0].content).toEqual([
      content[0],
      content[1],
      { type: 'document', url: 'https://a.example/f.pdf' },
    ])
  })

  it('does not go around what the model cannot take', () => {
    const dialect = { encodeMedia, ...withRules({ capabilities: { files: false } }) }
    expect(errorOf(() => encode({ messages }, dialect)).path).toBe('messages[0].content[2]')
  })
})

describe("reasoning turned on or off in the vendor's own fields", () => {
  const rules: ModelRules = {
    reasoning: { efforts: ['none', 'high'], default: 'high' },
    whileReasoning: { temperature: { drop: 'it thinks' } },
  }
  const dialect: Partial<ChatDialect> = {
    ...withRules(rules),
    reasons: ({ provider_options: all }) => all?.acme?.think as boolean | undefined,
  }

  it.each([
    [undefined, undefined, false],
    [undefined, false, true],
    ['none', undefined, true],
    ['none', true, false],
    ['high', false, true],
  ] as const)('effort %s, own field %s: temperature is sent: %s', (reasoning_effort, think, sent) => {
    const provider_options = think === undefined ? undefined : { acme: { think } }
    const { body } = encode({ reasoning_effort, provider_options, temperature: 0.5 }, dialect)
    expect('temperature' in body).toBe(sent)
    expect(body.reasoning_effort).toBe(reasoning_effort)
  })
})

describe('a setting refused under the name that the vendor gives it', () => {
  it("is told under the request's name", () => {
    const protocol = chatProtocol({ ...GENERIC_DIALECT, settings: { seed: { field: 'random_seed' } } })
    const settingOf = (field: string) =>
      protocol.decodeError(
        answerWith(422, { detail: [{ type: 'extra_forbidden', loc: ['body', field], msg: 'm' }] }),
      ).unsupportedSetting
    expect(['random_seed', 'top_p'].map(settingOf)).toEqual(['seed', 'top_p'])
  })
})

describe('codes that are numbers', () => {
  it('are words for the rows of a vendor', () => {
    const protocol = chatProtocol({
      ...GENERIC_DIALECT,
      errors: [{ words: ['3505'], code: 'overloaded' }],
    })
    const codeOf = (code: unknown) =>
      protocol.decodeError(answerWith(429, { object: 'error', message: 'm', code })).code
    expect([codeOf(3505), codeOf('3505'), codeOf(1300)]).toEqual(['overloaded', 'overloaded', 'rate_limited'])
  })
})
