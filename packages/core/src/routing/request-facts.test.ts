import { describe, expect, it } from 'vitest'
import type { ChatRequest } from '../contract/chat-request.js'
import { chatFacts, embeddingFacts } from './request-facts.js'

const NONE = {
  model: 'm',
  needsTools: false,
  needsImages: false,
  needsAudio: false,
  needsFiles: false,
  needsJsonSchema: false,
  needsEmbeddings: false,
}
const tool = { type: 'function', function: { name: 'f' } } as const
const asked = (over: Partial<ChatRequest>): ChatRequest => ({
  model: 'm',
  messages: [{ role: 'user', content: 'x' }],
  ...over,
})
const withPart = (type: string): ChatRequest =>
  asked({
    messages: [
      { role: 'user', content: 'x' },
      { role: 'user', content: [{ type: 'text', text: 'x' }, { type } as never] },
    ],
  })

describe('chatFacts', () => {
  it.each<[string, ChatRequest, object]>([
    ['a plain text', asked({}), {}],
    ['tools', asked({ tools: [tool] }), { needsTools: true }],
    ['an empty list of tools', asked({ tools: [] }), {}],
    [
      'a call in the past',
      asked({
        messages: [
          { role: 'assistant', tool_calls: [{ id: 'a', ...tool, function: { name: 'f', arguments: '' } }] },
        ],
      }),
      { needsTools: true },
    ],
    ['no call in the past', asked({ messages: [{ role: 'assistant', content: null, tool_calls: [] }] }), {}],
    ['an image', withPart('image_url'), { needsImages: true }],
    ['audio', withPart('input_audio'), { needsAudio: true }],
    ['a file', withPart('file'), { needsFiles: true }],
    ['a part that we do not know', withPart('video'), {}],
    [
      'a schema',
      asked({ response_format: { type: 'json_schema', json_schema: { name: 'x' } } }),
      { needsJsonSchema: true },
    ],
    ['any JSON', asked({ response_format: { type: 'json_object' } }), {}],
  ])('of %s', (_name, request, facts) => {
    expect(chatFacts(request)).toEqual({ ...NONE, ...facts })
  })

  it('sees images that a tool returned', () => {
    const image = { type: 'image_url', image_url: { url: 'https://x.y' } } as const
    expect(
      chatFacts(asked({ messages: [{ role: 'tool', tool_call_id: 'a', content: [image] }] })).needsImages,
    ).toBe(true)
  })
})

it('of an embedding there is only that it is one', () => {
  expect(embeddingFacts('m')).toEqual({ ...NONE, needsEmbeddings: true })
})
