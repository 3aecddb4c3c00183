import { describe, expect, it } from 'vitest'
import { compatibilityTables, readScenarios, withTables } from './generate-compatibility-docs.mjs'

const names = [
  'openai: a stream (in process)',
  'openai: a stream (over a port)',
  'openai: several choices (n: 2), whole (in process)',
  'zeta: a | b',
  'openai (responses): a whole answer (over a port)',
  'no scenario at all',
]

describe('the compatibility page', () => {
  it('reads clients, promises and ways from the names of tests', () => {
    const clients = readScenarios(names)
    expect([...clients.keys()]).toEqual(['openai', 'zeta', 'openai (responses)'])
    expect(clients.get('openai')).toEqual(
      new Map([
        ['a stream', new Set(['in process', 'over a port'])],
        ['several choices (n: 2), whole', new Set(['in process'])],
      ]),
    )
    expect(clients.get('zeta')).toEqual(new Map([['a | b', new Set(['in process'])]]))
  })

  it('has a row a promise, a table a client, known ones first, and their sum', () => {
    const tables = compatibilityTables(
      readScenarios(names),
      new Map([
        ['openai', '6.1.0'],
        ['zeta', '2.0.0'],
      ]),
    )
    expect(tables.match(/^## .*/gm)).toEqual([
      '## `openai` 6.1.0',
      '## `openai`, the Responses API 6.1.0',
      '## `zeta` 2.0.0',
    ])
    expect(tables).toContain('| together |  | 4 |')
    expect(tables).toContain('| a stream | yes | yes |')
    expect(tables).toContain('| several choices (n: 2), whole | yes |  |')
    expect(tables).toContain('| a \\| b | yes |  |')
  })

  it('keeps what is written by hand, and refuses a page without its comments', () => {
    const page = (inside) =>
      `# Page\n\n<!-- Generated from x. -->${inside}<!-- The end of the generated tables. -->\n\nMore.\n`
    expect(withTables(page('\n\nold\n\n'), 'new')).toBe(page('\n\nnew\n\n'))
    expect(() => withTables('# Page\n', 'new')).toThrow('comments around the tables are missing')
  })
})
