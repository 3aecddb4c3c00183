import { describe, expect, it } from 'vitest'
import { findLeaks } from './check-hygiene.mjs'

// Put together at run time, or this file would be the first to be found.
const path = (top) => ['', top, 'main', 'x.ts'].join('/')

describe('findLeaks', () => {
  it.each([
    ['README.md', `see\n${path('work')}`, 2],
    ['a.ts', `const home = '${path('root')}'`, 1],
    ['a.json', ['https://registry', 'example', 'org/'].join('.'), 1],
    ['pnpm-lock.yaml', 'resolution: {tarball: x}', 1],
    ['pnpm-lock.yaml', 'https://example.test/x.tgz', 1],
    ['.npmrc', 'registry=x', 1],
  ])('%s: %s', (file, text, line) => {
    expect(findLeaks(file, text)).toEqual([{ line, message: expect.any(String) }])
  })

  it.each([
    ['a.ts', `import '../work/x.js'\nconst a = './root/x'`],
    ['README.md', 'https://example.test/docs'],
    ['a.ts', `join(tmpdir(), 'x')`],
    ['picture.png', `\0${path('work')}`],
  ])('leaves %s alone: %s', (file, text) => {
    expect(findLeaks(file, text)).toEqual([])
  })
})
