import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { quote } from './quote.js'

it.each([
  ['gpt-4.1', '"gpt-4.1"'],
  ['', '""'],
  ['a"b\\c', String.raw`"a\"b\\c"`],
  ['fast\nsummary\u0000', String.raw`"fast\nsummary\u0000"`],
  ['half \ud83d', String.raw`"half \ud83d"`],
  ['x'.repeat(101), `"${'x'.repeat(100)}…"`],
])('quotes %j', (word, quoted) => {
  expect(quote(word)).toBe(quoted)
})

const anyText = fc.array(fc.nat(0xffff), { maxLength: 300 }).map((codes) => String.fromCharCode(...codes))

it('gives one short well-formed line for any text', () => {
  fc.assert(
    fc.property(anyText, (word) => {
      const quoted = quote(word)
      expect(Array.from(quoted).every((character) => character >= ' ')).toBe(true)
      expect(quoted.isWellFormed()).toBe(true)
      expect(quoted.length).toBeLessThan(700)
    }),
  )
})
