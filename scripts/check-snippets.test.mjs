import { describe, expect, it } from 'vitest'
import { extractSnippets } from './check-snippets.mjs'

const lineOf = (code, text) => code.split('\n').findIndex((line) => line.includes(text)) + 1

describe('extractSnippets', () => {
  it('takes TypeScript blocks only, at the lines where they stand', () => {
    const markdown = '# Title\n\n```sh\nnpm test\n```\n\n```ts\nconst a = 1\n```\n'
    const [snippet, ...others] = extractSnippets(markdown)
    expect(others).toEqual([])
    expect(snippet).toMatchObject({ line: 7, run: false })
    expect(lineOf(snippet.code, 'const a')).toBe(8)
  })

  it('joins a continued block to the one before it and keeps both at their lines', () => {
    const markdown =
      'a\n```ts\nconst a = 1\n```\nprose\n\n```ts continue run\nconst b = a\n```\n```ts\nconst c = 3\n```\n'
    const snippets = extractSnippets(markdown)
    expect(snippets.map(({ line, run }) => ({ line, run }))).toEqual([
      { line: 2, run: true },
      { line: 10, run: false },
    ])
    expect(lineOf(snippets[0].code, 'const a')).toBe(3)
    expect(lineOf(snippets[0].code, 'const b')).toBe(8)
    expect(snippets[0].code).not.toContain('prose')
  })

  it('reads blocks inside lists and leaves longer fences alone', () => {
    const markdown =
      '- item\n\n  ```ts run\n  const a = 1\n  ```\n\n````md\n```ts\nnot code of ours\n```\n````\n'
    const snippets = extractSnippets(markdown)
    expect(snippets.map(({ line, run }) => ({ line, run }))).toEqual([{ line: 3, run: true }])
  })

  it.each([
    ['```ts rum\n```', /line 1: "rum"/],
    ['text\n```ts continue\n```', /line 2: there is no block to continue/],
    ['```ts\nconst a = 1', /line 1: the block is never closed/],
  ])('refuses %j', (markdown, message) => {
    expect(() => extractSnippets(markdown)).toThrow(message)
  })
})
