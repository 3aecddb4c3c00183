/** Tool definitions in the manner of MCP servers for files, git, browsers and databases; made by hand. */
import type { Tool } from '@turnout/core'

const tool = (name: string, description: string, parameters?: object): Tool => ({
  type: 'function',
  function: { name, description, ...(parameters && { parameters: parameters as Record<string, never> }) },
})
const DRAFT_7 = 'http://json-schema.org/draft-07/schema#'
const object = (properties: object, required: readonly string[] = [], more: object = {}): object => ({
  type: 'object',
  properties,
  required,
  ...more,
})
const path = { type: 'string', description: 'An absolute path', minLength: 1, pattern: '^/' }

export const MCP_TOOLS: readonly Tool[] = [
  tool(
    'filesystem/read_file',
    'Reads a file.',
    object({ path, head: { type: 'integer', minimum: 1, exclusiveMaximum: 10_000 } }, ['path'], {
      additionalProperties: false,
      $schema: DRAFT_7,
    }),
  ),
  tool(
    'filesystem/edit_file',
    'Edits a file.',
    object(
      {
        path,
        edits: {
          type: 'array',
          minItems: 1,
          items: object(
            { oldText: { type: 'string' }, newText: { type: 'string' } },
            ['oldText', 'newText'],
            { additionalProperties: false },
          ),
        },
        dryRun: { type: 'boolean', default: false },
      },
      ['path', 'edits'],
      { $schema: DRAFT_7 },
    ),
  ),
  tool('filesystem/list_allowed_directories', 'Takes nothing.'),
  tool(
    'filesystem/directory_tree',
    'A tree, which is recursive.',
    object({ root: { $ref: '#/$defs/node' } }, ['root'], {
      $defs: {
        node: object(
          { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#/$defs/node' } } },
          ['name'],
        ),
      },
      $schema: 'https://json-schema.org/draft/2020-12/schema',
    }),
  ),
  tool(
    'git.log',
    'Commits.',
    object(
      {
        repo_path: { type: 'string', format: 'uri-reference' },
        max_count: { anyOf: [{ type: 'integer' }, { type: 'null' }], default: 10, title: 'Max Count' },
        since: { type: ['string', 'null'], format: 'date-time' },
      },
      ['repo_path'],
      { title: 'GitLog' },
    ),
  ),
  tool(
    'git.diff',
    'Two of the same name, but for a dot.',
    object(
      {
        target: { type: 'string', enum: ['HEAD', 'main', ''] },
        context: { type: 'number', multipleOf: 1, const: 3 },
      },
      ['target'],
    ),
  ),
  tool('git_diff', 'The other one.', object({ target: { type: 'string' } }, ['target'])),
  tool(
    'browser:click',
    'Clicks.',
    object(
      {
        target: {
          oneOf: [
            object({ selector: { type: 'string' } }, ['selector']),
            object({ x: { type: 'number' }, y: { type: 'number' } }, ['x', 'y']),
          ],
        },
        button: { enum: ['left', 'right', 'middle'] },
        modifiers: {
          type: 'array',
          uniqueItems: true,
          items: { type: 'string', enum: ['Shift', 'Alt'] },
          prefixItems: [{ type: 'string' }],
        },
      },
      ['target'],
    ),
  ),
  tool(
    `mcp__database__${'very_long_name_'.repeat(5)}query`,
    'Queries.',
    object(
      {
        sql: { type: 'string', maxLength: 10_000 },
        params: { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] } },
        options: {
          allOf: [object({ timeoutMs: { type: 'integer' } }), object({ readOnly: { type: 'boolean' } })],
          not: { required: ['write'] },
        },
        if: { type: 'string', examples: ['a'], deprecated: true, readOnly: true },
      },
      ['sql'],
      { patternProperties: { '^x-': { type: 'string' } }, dependentRequired: { params: ['sql'] } },
    ),
  ),
  tool(
    `mcp__database__${'very_long_name_'.repeat(5)}insert`,
    'Inserts; its name differs at the very end.',
    object({ rows: { type: 'array', items: {} } }, ['rows']),
  ),
  tool(
    'constructor',
    'A name like any other.',
    object({ toString: { type: 'string' }, hasOwnProperty: { type: 'boolean' } }),
  ),
  tool('__proto__', 'Another one.', object({ valueOf: { type: 'string' } })),
  tool('toString', 'And another one.', { type: 'object' }),
  tool('größe-日本', 'Letters that no alphabet of names has.', object({ länge: { type: 'number' } })),
  tool('2fast', 'Begins with a digit.', object({})),
]
