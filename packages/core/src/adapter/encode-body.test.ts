import { describe, expect, it } from 'vitest'
import { encodeBody } from './encode-body.js'

const cyclic: { role: string; content: unknown } = { role: 'user', content: [] }
cyclic.content = [{ type: 'text', text: 'secret', extra: cyclic }]
const deep: unknown[] = []
let inner = deep
for (let i = 0; i < 20_000; i++) inner.push((inner = []))
/** Node 26 writes any depth; there the request check at the door is the only limit, and it comes first anyhow. */
const tooDeepForJson = ((): boolean => {
  try {
    JSON.stringify(deep)
    return false
  } catch {
    return true
  }
})()

describe('encodeBody', () => {
  it('is JSON.stringify', () => {
    expect(encodeBody({ a: [1, 'x', null, undefined], b: undefined, c: '\uD800' }, {})).toBe(
      '{"a":[1,"x",null,null],"c":"\\ud800"}',
    )
  })

  it.each<[string, object, string]>([
    ['a BigInt', { model: 'm', messages: [{ role: 'user', content: 'x' }], seed: 7n }, 'seed'],
    [
      'a BigInt deep inside',
      { messages: [{ content: 'x' }, { content: [{ text: 1n }] }] },
      'messages[1].content[0].text',
    ],
    ['a cycle', { messages: [cyclic] }, 'messages[0].content[0].extra'],
    [
      'a getter that throws',
      {
        tools: [
          {
            get function() {
              throw new Error('secret')
            },
          },
        ],
      },
      'tools[0].function',
    ],
  ])('names the place of %s', (_what, request, path) => {
    let error: unknown
    try {
      encodeBody(request, request)
    } catch (caught) {
      error = caught
    }
    expect(error).toMatchObject({ code: 'invalid_request', path, message: expect.stringContaining(path) })
    expect(JSON.stringify(error)).not.toContain('secret')
  })

  it.runIf(tooDeepForJson)('refuses what is nested without measure', () => {
    expect(() => encodeBody({ deep }, { deep })).toThrow(expect.objectContaining({ code: 'invalid_request' }))
  })

  it('has an error also when the fault is not in the request', () => {
    const body = {
      toJSON() {
        throw new Error('x')
      },
    }
    expect(() => encodeBody(body, { messages: [] })).toThrow(
      expect.objectContaining({ code: 'invalid_request' }),
    )
  })
})
