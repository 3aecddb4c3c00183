import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { checkLayers } from './check-layers.mjs'
import { readImports } from './read-imports.mjs'

const roots = []
afterEach(() => {
  for (const root of roots.splice(0)) rmSync(root, { recursive: true })
})

const source = (path) => ({ '@turnout/source': `./src/${path}`, default: './dist/index.js' })
const manifests = {
  core: {
    exports: { '.': source('index.ts'), './store': source('store/index.ts') },
    dependencies: { zod: '4' },
  },
  'openai-compatible': { exports: { '.': source('index.ts') }, peerDependencies: { '@turnout/core': '*' } },
  acme: {
    exports: { '.': source('index.ts') },
    dependencies: { '@turnout/openai-compatible': '*', '@turnout/umbrella': '*' },
    peerDependencies: { '@turnout/core': '*' },
  },
  testing: {
    exports: { '.': source('index.ts') },
    dependencies: { '@turnout/core': '*', '@turnout/acme': '*' },
  },
}

/** Writes a small tree (`core/contract/x.ts` stands for packages/core/src/contract/x.ts) and checks it. */
function check(files, exceptions = []) {
  const root = mkdtempSync(join(tmpdir(), 'turnout-layers-'))
  roots.push(root)
  const write = (path, text) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  for (const [name, manifest] of Object.entries(manifests)) {
    write(`packages/${name}/package.json`, JSON.stringify(manifest))
  }
  for (const [path, text] of Object.entries(files)) write(path.replace(/^([^/]+)/, 'packages/$1/src'), text)
  return checkLayers(root, exceptions).violations.map(({ from, line, message }) => ({
    where: `${from.replace('packages/', '').replace('/src', '')}:${line}`,
    message,
  }))
}

describe('checkLayers', () => {
  it('accepts a house whose imports go down only', () => {
    const violations = check({
      'core/index.ts': `export { createGateway } from './gateway/create-gateway.js'`,
      'core/gateway/create-gateway.ts': `import { seed } from '../platform/random.js'\nimport { z } from 'zod'\nexport const createGateway = () => [seed, z]`,
      'core/platform/random.ts': `import { randomBytes } from 'node:crypto'\nexport const seed = randomBytes`,
      'core/contract/plan.ts': `import type { Code } from '../errors/error-code.js'\nexport type Plan = Code`,
      'core/contract/request-schema.ts': `import { z } from 'zod'\nexport const schema = z`,
      'core/errors/error-code.ts': `export type Code = 'aborted'`,
      'core/routing/strategies/ordered.ts': `import type { A } from '../score.js'\nexport type B = A`,
      'core/routing/score.ts': `export type A = 1`,
      'acme/index.ts': `import '@turnout/core/store'\nimport '@turnout/openai-compatible'\nexport {}`,
    })
    expect(violations).toEqual([])
  })

  const caught = [
    {
      name: 'an import that goes up',
      files: {
        'core/errors/code.ts': `\nimport type { P } from '../contract/plan.js'\nexport type C = P`,
        'core/contract/plan.ts': 'export type P = 1',
      },
      where: 'core/errors/code.ts:2',
      message: /errors is below contract/,
    },
    {
      name: 'strangers on one floor',
      files: {
        'core/cache/key.ts': `export { score } from '../routing/score.js'`,
        'core/routing/score.ts': 'export const score = 1',
      },
      where: 'core/cache/key.ts:1',
      message: /cache and routing share a floor/,
    },
    {
      name: 'a dynamic import that goes up',
      files: {
        'core/platform/a.ts': `export const load = () =>\n  import('../gateway/b.js')`,
        'core/gateway/b.ts': 'export const b = 1',
      },
      where: 'core/platform/a.ts:2',
      message: /platform is below gateway/,
    },
    {
      name: 'an import type in a type position',
      files: {
        'core/platform/a.ts': `export type B = import('../gateway/b.js').B`,
        'core/gateway/b.ts': 'export type B = 1',
      },
      where: 'core/platform/a.ts:1',
      message: /platform is below gateway/,
    },
    {
      name: 'a circle between files',
      files: {
        'acme/a.ts': `import { b } from './b.js'\nexport const a = b`,
        'acme/b.ts': `import { c } from './c.js'\nexport const b = c`,
        'acme/c.ts': `import type { A } from './a.js'\nexport const c: A = 1`,
      },
      where: 'acme/a.ts:1',
      message: /circle: .*a\.ts -> .*b\.ts -> .*c\.ts -> .*a\.ts/,
    },
    {
      name: "the package's own index",
      files: {
        'acme/index.ts': 'export type A = 1',
        'acme/a.ts': `import type { A } from './index.js'\nexport type B = A`,
      },
      where: 'acme/a.ts:1',
      message: /own entry point/,
    },
    {
      name: 'a subpath entry point from inside',
      files: {
        'core/store/index.ts': 'export type S = 1',
        'core/gateway/g.ts': `import type { S } from '../store/index.js'\nexport type G = S`,
      },
      where: 'core/gateway/g.ts:1',
      message: /own entry point/,
    },
    {
      name: 'its own name',
      files: { 'core/gateway/g.ts': `export * from '@turnout/core/store'` },
      where: 'core/gateway/g.ts:1',
      message: /own entry point by name/,
    },
    {
      name: 'code in a types-only file',
      files: { 'core/contract/plan.ts': 'export type P = 1\nexport const one: P = 1' },
      where: 'core/contract/plan.ts:2',
      message: /types-only file holds code/,
    },
    {
      name: 'a value import in a types-only file',
      files: {
        'core/contract/plan.ts': `import { z, type ZodType } from 'zod'\nexport type P = typeof z & ZodType`,
      },
      where: 'core/contract/plan.ts:1',
      message: /imports types only/,
    },
    {
      name: 'a folder on no floor',
      files: { 'core/utils/x.ts': 'export type X = 1' },
      where: 'core/utils/x.ts:1',
      message: /"utils" stands on no floor/,
    },
    {
      name: 'a barrel file',
      files: { 'acme/wire/index.ts': 'export type X = 1' },
      where: 'acme/wire/index.ts:1',
      message: /called index\.ts/,
    },
    {
      name: 'core importing a provider',
      files: { 'core/gateway/g.ts': `import '@turnout/acme'` },
      where: 'core/gateway/g.ts:1',
      message: /core may not import acme/,
    },
    {
      name: 'a provider importing another provider',
      files: { 'acme/a.ts': `import type { U } from '@turnout/umbrella'\nexport type A = U` },
      where: 'acme/a.ts:1',
      message: /acme may not import umbrella: it may import core and openai-compatible/,
    },
    {
      name: 'testing importing an adapter',
      files: { 'testing/a.ts': `import '@turnout/acme'` },
      where: 'testing/a.ts:1',
      message: /testing may not import acme/,
    },
    {
      name: "another package's sources by path",
      files: { 'acme/a.ts': `import '../../core/src/x.js'` },
      where: 'acme/a.ts:1',
      message: /leaves the package's src/,
    },
    {
      name: 'a dependency that the manifest does not name',
      files: { 'acme/a.ts': `import { z } from 'zod/mini'\nexport const a = z` },
      where: 'acme/a.ts:1',
      message: /zod is no dependency/,
    },
    {
      name: 'a test file in code that ships',
      files: { 'acme/a.ts': `import './b.test.js'`, 'acme/b.test.ts': 'export {}' },
      where: 'acme/a.ts:1',
      message: /imports a test file/,
    },
  ]
  it.each(caught)('catches $name', ({ files, where, message }) => {
    expect(check(files)).toEqual([{ where, message: expect.stringMatching(message) }])
  })

  it('leaves tests and the examples in docstrings alone', () => {
    const violations = check({
      'core/platform/a.test.ts': `import '../gateway/g.js'\nimport '@turnout/acme'`,
      'core/platform/a.test-d.ts': `import '../index.js'`,
      'core/platform/b.ts': `/** @example import { openai } from '@turnout/acme' */\nexport const b = "import '@turnout/acme'"`,
    })
    expect(violations).toEqual([])
  })

  it('takes an exception, and refuses one that excuses nothing', () => {
    const files = {
      'core/errors/a.ts': `import '../contract/b.js'`,
      'core/contract/b.ts': 'export type B = 1',
    }
    const exception = {
      from: 'packages/core/src/errors/a.ts',
      to: 'packages/core/src/contract/b.ts',
      reason: 'test',
    }
    expect(check(files, [exception])).toEqual([])
    const stale = { ...exception, to: 'packages/core/src/contract/gone.ts' }
    expect(check(files, [exception, stale])).toEqual([
      { where: 'core/errors/a.ts:1', message: expect.stringMatching(/excuses nothing any more/) },
    ])
  })
})

describe('readImports', () => {
  it.each([
    [`import type { A } from 'a'`, true],
    [`import { type A } from 'a'`, true],
    [`import {\n  type A,\n  b,\n} from 'a'`, false],
    [`import 'a'`, false],
    [`import a from 'a'`, false],
    [`export type { A } from 'a'`, true],
    [`export { type A } from 'a'`, true],
    [`export type * from 'a'`, true],
    [`export * from 'a'`, false],
    [`export const a = () => import('a')`, false],
    [`export type A = typeof import('a')`, true],
  ])('%s', (text, typeOnly) => {
    expect(readImports('x.ts', text).imports).toEqual([{ specifier: 'a', typeOnly, line: 1 }])
  })

  it('says where code begins', () => {
    const types = `import type { A } from 'a'\nexport interface B {}\nexport declare const c: unique symbol\nexport type { A }`
    expect(readImports('x.ts', types).runtimeLine).toBeUndefined()
    expect(readImports('x.ts', `${types}\nexport enum D {}`).runtimeLine).toBe(5)
  })

  it('refuses what does not parse', () => {
    expect(() => readImports('x.ts', 'import {')).toThrow(/x\.ts does not parse/)
  })
})
