import { expect, it } from 'vitest'
import { createPartialArgs } from './partial-args.js'
import type { PartialArg } from './wire-types.js'

const put = (...pieces: PartialArg[]): string => {
  const args = createPartialArgs()
  for (const piece of pieces) args.add(piece)
  return JSON.stringify(args.value())
}

it.each<[string, PartialArg[], string]>([
  ['nothing', [], '{}'],
  ['the root', [{ jsonPath: '$', stringValue: 'x' }], '{}'],
  ['quoted names', [{ jsonPath: '$[\'a b\']["c"]', numberValue: 1 }], '{"a b":{"c":1}}'],
  [
    'lists of lists',
    [
      { jsonPath: '$.m[0][0]', numberValue: 1 },
      { jsonPath: '$.m[0][1]', nullValue: 'NULL_VALUE' },
    ],
    '{"m":[[1,null]]}',
  ],
  [
    'strings in pieces',
    [
      { jsonPath: '$.a', stringValue: 'x' },
      { jsonPath: '$.b', boolValue: true },
      { jsonPath: '$.a', stringValue: 'y' },
    ],
    '{"a":"xy","b":true}',
  ],
  [
    '__proto__ as a name',
    [{ jsonPath: '$.__proto__.polluted', boolValue: true }],
    '{"__proto__":{"polluted":true}}',
  ],
])('puts together: %s', (_name, pieces, json) => {
  expect(put(...pieces)).toBe(json)
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

it('refuses holes in lists', () => {
  expect(() => put({ jsonPath: '$.a[999999999]', numberValue: 1 })).toThrow(
    expect.objectContaining({ code: 'bad_response' }),
  )
  expect(() => put({ jsonPath: '$.a[0]', numberValue: 1 }, { jsonPath: '$.a.b', numberValue: 1 })).toThrow(
    expect.objectContaining({ code: 'bad_response' }),
  )
})
