// Writes the tables of docs/compatibility.md: every promise to a client package, from the names of the contract tests.
//   node scripts/generate-compatibility-docs.mjs [--check]     --check changes nothing and fails when a table is stale
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
export const compatibilityDocsFile = join(root, 'docs', 'compatibility.md')

const begin = /^<!-- Generated from .* -->$/m
const end = '<!-- The end of the generated tables. -->'

/** Clients in the order of the page, with the package whose version is told; others follow by name. */
const CLIENTS = new Map([
  ['openai', { title: '`openai`', package: 'openai' }],
  ['openai (responses)', { title: '`openai`, the Responses API', package: 'openai' }],
  ['@anthropic-ai/sdk', { title: '`@anthropic-ai/sdk`', package: '@anthropic-ai/sdk' }],
  ['ai', { title: '`ai` with `@turnout/ai-sdk`', package: 'ai' }],
  ['fromAiSdk', { title: 'AI SDK models as adapters, `fromAiSdk`', package: '@ai-sdk/provider' }],
  ['langchain', { title: 'LangChain.js with `@turnout/langchain`', package: '@langchain/core' }],
])

const WAYS = ['in process', 'over a port']

/** @returns clients with their promises, each with the ways in which it is held */
export function readScenarios(testNames) {
  const clients = new Map()
  for (const name of testNames) {
    const match = /^([^:]+): (.+?)(?: \((in process|over a port)\))?$/.exec(name)
    if (!match) continue
    const [, client, what, way = 'in process'] = match
    const promises = clients.get(client) ?? new Map()
    clients.set(client, promises)
    promises.set(what, new Set([...(promises.get(what) ?? []), way]))
  }
  return clients
}

/** @param versions of packages, by name */
export function compatibilityTables(clients, versions) {
  const known = [...CLIENTS.keys()].filter((name) => clients.has(name))
  const others = [...clients.keys()].filter((name) => !CLIENTS.has(name)).sort()
  const named = [...known, ...others].map((name) => {
    const { title = `\`${name}\``, package: from = name.split(' ')[0] } = CLIENTS.get(name) ?? {}
    return { title, version: versions.get(from) ?? '', promises: clients.get(name) }
  })
  const count = (all) => all.reduce((sum, { promises }) => sum + promises.size, 0)
  const summary = [
    row(['client', 'version', 'promises']),
    row(['---', '---', '---:']),
    ...named.map((one) => row([one.title, one.version, one.promises.size])),
    row(['together', '', count(named)]),
  ]
  const tables = named.map(({ title, version, promises }) =>
    [
      `## ${title}${version && ` ${version}`}`,
      '',
      row(['promise', ...WAYS]),
      row(['---', ':---:', ':---:']),
      ...[...promises].map(([what, held]) => row([what, ...WAYS.map((way) => (held.has(way) ? 'yes' : ''))])),
    ].join('\n'),
  )
  return [summary.join('\n'), ...tables].join('\n\n')
}

function row(cells) {
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`
}

/** @returns the page with its tables made anew; what is written by hand around them stays */
export function withTables(markdown, tables) {
  const opening = begin.exec(markdown)
  const from = opening ? opening.index + opening[0].length : -1
  const to = markdown.indexOf(end)
  if (from === -1 || to < from) throw new Error('the two comments around the tables are missing')
  return `${markdown.slice(0, from)}\n\n${tables}\n\n${markdown.slice(to)}`
}

/** As the test runner names them: a list that is read from sources would miss those made in loops. */
function contractTests() {
  const folders = readdirSync(join(root, 'packages'))
    .map((name) => join('packages', name, 'test', 'contract'))
    .filter((folder) => existsSync(join(root, folder)))
  const scratch = mkdtempSync(join(tmpdir(), 'turnout-scenarios-'))
  try {
    const file = join(scratch, 'tests.json')
    const runner = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const options = ['list', `--json=${file}`, '--typecheck.enabled=false', ...folders]
    execFileSync(process.execPath, [runner, ...options], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const tests = JSON.parse(readFileSync(file, 'utf8'))
    return tests
      .map(({ file: path, name }) => ({ path, name }))
      .sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** The exact versions that the tests run with. */
function pinnedVersions() {
  const folders = ['.', ...readdirSync(join(root, 'packages')).map((name) => join('packages', name))]
  const versions = new Map()
  for (const folder of folders) {
    const file = join(root, folder, 'package.json')
    if (!existsSync(file)) continue
    const { devDependencies = {}, dependencies = {} } = JSON.parse(readFileSync(file, 'utf8'))
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies }))
      if (/^\d/.test(version)) versions.set(name, version)
  }
  return versions
}

async function main() {
  const clients = readScenarios(contractTests().map(({ name }) => name.split(' > ').at(-1)))
  const before = readFileSync(compatibilityDocsFile, 'utf8')
  const after = withTables(before, compatibilityTables(clients, pinnedVersions()))
  const isStale = after !== before
  if (!process.argv.includes('--check')) writeFileSync(compatibilityDocsFile, after)
  else if (isStale) {
    console.error('docs/compatibility.md is stale: run node scripts/generate-compatibility-docs.mjs')
    process.exitCode = 1
  }
  const count = [...clients.values()].reduce((sum, promises) => sum + promises.size, 0)
  console.log(`compatibility docs: ${clients.size} clients, ${count} promises`)
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
