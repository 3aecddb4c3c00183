import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../packages/core/src/errors/error-code.js'
import { errorDocsFile, withErrorTable } from './generate-error-docs.mjs'

const codes = {
  one: { meaning: 'It broke.', remedy: 'Mend it.', verdict: 'same', retryable: true, status: 502 },
  two: { meaning: 'No.', remedy: 'Ask.', verdict: 'fail', retryable: false, status: 400 },
}
const page = (inside) =>
  `# Errors\n\n<!-- Generated from x: change it there. -->${inside}<!-- The end of the generated table. -->\n\nMore.\n`
const right = page(`

| code | what happened | what to do | before the commit | retryable | HTTP |
|---|---|---|---|---|---|
| \`one\` | It broke. | Mend it. | same target again | yes | 502 |
| \`two\` | No. | Ask. | fail | no | 400 |

`)

describe('withErrorTable', () => {
  it.each([
    ['an empty place', page('\n')],
    ['an old table', page('\n\n| old |\n|---|\n\n')],
    ['the right table', right],
  ])('fills %s and leaves the rest', (_name, before) => {
    expect(withErrorTable(before, codes)).toBe(right)
  })

  it.each([
    ['without its comments', '# Errors\n'],
    [
      'with the comments the wrong way round',
      '<!-- The end of the generated table. -->\n<!-- Generated from x -->\n',
    ],
  ])('refuses a page %s', (_name, before) => {
    expect(() => withErrorTable(before, codes)).toThrow('comments around the table are missing')
  })

  it('refuses a sentence that would break the table', () => {
    expect(() => withErrorTable(right, { one: { ...codes.one, meaning: 'a | b' } })).toThrow('a | b')
  })
})

it('docs/errors.md has the codes of today; run `npm run docs:errors` when it has not', () => {
  const written = readFileSync(errorDocsFile, 'utf8')
  expect(withErrorTable(written, ERROR_CODES)).toBe(written)
})
