// Holds the layers of the house: imports go down only, folders on one floor are strangers, no circles.
//   node scripts/check-layers.mjs [--explain]
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, join, posix } from 'node:path'
import { pathToFileURL } from 'node:url'
import { readImports } from './read-imports.mjs'

/** The floors of packages/core/src, from the ground up. Folders on one floor do not know each other. */
export const coreFloors = [
  ['platform'],
  ['errors'],
  ['contract'],
  ['adapter', 'store', 'events'],
  [
    'routing',
    'context',
    'guardrails',
    'cache',
    'admission',
    'attempts',
    'accounting',
    'health',
    'experiments',
  ],
  ['pipeline'],
  ['gateway'],
  ['backtest'],
  ['index.ts'],
]

/** The only files of core's contract that hold code; the others are types and import types only. */
export const contractRuntimeFiles = [
  'request-schema.ts',
  'validate-request.ts',
  'validate-messages.ts', // this and the next ones: the parts of validate-request
  'validate-options.ts',
  'check-json.ts',
  'guard-reading.ts',
  'describe-issue.ts',
  'collect-chunks.ts',
  'response-to-chunks.ts',
  'chunk-invariants.ts',
]

const packagesOfHosts = [
  'core',
  'config',
  'http',
  'anthropic',
  'deepseek',
  'gemini',
  'mistral',
  'openai',
  'openai-compatible',
  'openrouter',
  'qwen',
  'tokenmix',
  'xai',
]

/** What a package may import of the others; `testing` stays honest by not knowing the adapters it tests. */
export function importablePackages(name) {
  if (name === 'core') return []
  // The command line is a host: it puts the others together.
  if (name === 'cli') return packagesOfHosts
  if (['testing', 'openai-compatible', 'sqlite', 'redis', 'config'].includes(name)) return ['core']
  return ['core', 'openai-compatible']
}

/** Each with its reason; one that no longer excuses anything fails the check. */
const exceptions = [
  // { from: 'packages/core/src/a/x.ts', to: 'packages/core/src/b/y.ts', reason: 'why this one may' },
]

const scope = '@turnout/'
const isTest = (file) => /\.test(-d)?\.ts$/.test(file)
const floorOf = (name) => coreFloors.findIndex((floor) => floor.includes(name))

/**
 * Checks `packages/*\/src` under a root; test files are exempt.
 * @returns {{ fileCount: number, violations: { from: string, line: number, to: string, message: string }[] }}
 */
export function checkLayers(root, allowed = exceptions) {
  const found = []
  const edges = new Map()
  for (const name of foldersIn(join(root, 'packages'))) {
    const manifestFile = join(root, 'packages', name, 'package.json')
    if (!existsSync(manifestFile)) continue
    const pkg = describePackage(name, JSON.parse(readFileSync(manifestFile, 'utf8')))
    for (const path of typeScriptFiles(join(root, 'packages', name, 'src'))) {
      const file = { pkg, path, id: `${pkg.src}/${path}` }
      const read = readImports(path, readFileSync(join(root, file.id), 'utf8'))
      edges.set(file.id, [])
      const report = (line, to, message) => found.push({ from: file.id, line, to, message })
      checkFile(file, read, report)
      for (const imported of read.imports) {
        if (imported.specifier.startsWith('.')) {
          const to = posix.join(dirname(file.id), imported.specifier).replace(/\.js$/, '.ts')
          edges.get(file.id).push(to)
          checkRelativeImport(file, imported, to, report)
        } else checkBareImport(file, imported, report)
      }
    }
  }
  for (const circle of circles(edges)) {
    const message = `imports go in a circle: ${circle.join(' -> ')}; move what they share to a file of its own`
    found.push({ from: circle[0], line: 1, to: circle[1], message })
  }
  return { fileCount: edges.size, violations: applyExceptions(found, allowed) }
}

function describePackage(name, manifest) {
  const entries = Object.values(manifest.exports ?? {}).map((entry) => entry[`${scope}source`] ?? '')
  return {
    name,
    src: `packages/${name}/src`,
    entryFiles: entries.filter(Boolean).map((entry) => entry.replace('./src/', '')),
    dependencies: Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
  }
}

function checkFile({ pkg, path }, { imports, runtimeLine }, report) {
  if (posix.basename(path) === 'index.ts' && !pkg.entryFiles.includes(path)) {
    report(1, path, 'only the entry points named in package.json "exports" are called index.ts')
  }
  if (pkg.name !== 'core') return
  const [top, ...rest] = path.split('/')
  if (floorOf(top) < 0)
    report(1, path, `"${top}" stands on no floor; put the file into a folder of coreFloors`)
  if (top !== 'contract' || contractRuntimeFiles.includes(rest.join('/'))) return
  if (runtimeLine) {
    report(
      runtimeLine,
      path,
      'a types-only file holds code; move it, or name the file in contractRuntimeFiles',
    )
  }
  for (const { specifier, line } of imports.filter((imported) => !imported.typeOnly)) {
    report(line, specifier, 'a types-only file imports types only; write "import type"')
  }
}

function checkRelativeImport({ pkg, path }, { specifier, line }, to, report) {
  if (!to.startsWith(`${pkg.src}/`)) {
    return report(line, to, `"${specifier}" leaves the package's src; import the other package by its name`)
  }
  const target = to.slice(pkg.src.length + 1)
  if (isTest(target)) report(line, to, 'code that ships imports a test file')
  if (pkg.entryFiles.includes(target)) {
    report(
      line,
      to,
      'nothing inside a package imports its own entry point; import the file that has the name',
    )
  }
  if (pkg.name !== 'core') return
  const [folder, targetFolder] = [path.split('/')[0], target.split('/')[0]]
  if (folder === targetFolder || floorOf(folder) < 0 || floorOf(targetFolder) < 0) return
  const climb = floorOf(targetFolder) - floorOf(folder)
  if (climb > 0) report(line, to, `${folder} is below ${targetFolder}: imports go down only`)
  if (climb === 0) {
    report(
      line,
      to,
      `${folder} and ${targetFolder} share a floor: sink the shared type to contract or pass it in`,
    )
  }
}

function checkBareImport({ pkg }, { specifier, line }, report) {
  if (isBuiltin(specifier)) return
  const dependency = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/')
  if (dependency.startsWith(scope)) {
    const other = dependency.slice(scope.length)
    if (other === pkg.name) return report(line, specifier, 'a package imports its own entry point by name')
    if (!importablePackages(pkg.name).includes(other)) {
      return report(line, specifier, `${pkg.name} may not import ${other}: ${rulesFor(pkg.name)}`)
    }
  }
  if (!pkg.dependencies.includes(dependency)) {
    report(line, specifier, `${dependency} is no dependency or peer in packages/${pkg.name}/package.json`)
  }
}

function rulesFor(name) {
  const others = importablePackages(name)
  return others.length > 0 ? `it may import ${others.join(' and ')}` : 'it stands below all other packages'
}

/** Every circle that a depth-first walk closes, each once. */
function circles(edges) {
  const found = []
  const done = new Set()
  const walk = (file, trail) => {
    if (trail.includes(file)) found.push([...trail.slice(trail.indexOf(file)), file])
    if (trail.includes(file) || done.has(file)) return
    for (const next of new Set(edges.get(file) ?? [])) walk(next, [...trail, file])
    done.add(file)
  }
  for (const file of edges.keys()) walk(file, [])
  return found
}

function applyExceptions(found, allowed) {
  const excuses = (exception) => (violation) =>
    violation.from === exception.from && violation.to === exception.to
  const stale = allowed.filter((exception) => !found.some(excuses(exception)))
  return [
    ...found.filter((violation) => !allowed.some((exception) => excuses(exception)(violation))),
    ...stale.map(({ from, to }) => ({
      from,
      line: 1,
      to,
      message: 'this exception excuses nothing any more: delete it',
    })),
  ]
}

function foldersIn(path) {
  const entries = readdirSync(path, { withFileTypes: true })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

function typeScriptFiles(folder) {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true })
    .map((path) => path.replaceAll('\\', '/'))
    .filter((path) => path.endsWith('.ts') && !isTest(path))
    .sort()
}

function explain() {
  console.log('packages/core/src, imports go down only:')
  for (const floor of coreFloors.toReversed()) console.log(`  ${floor.join('  ')}`)
  console.log('\npackages:')
  console.log(`  core               ${rulesFor('core')}`)
  console.log(`  openai-compatible  ${rulesFor('openai-compatible')}`)
  console.log(`  testing            ${rulesFor('testing')}`)
  console.log(`  sqlite             ${rulesFor('sqlite')}`)
  console.log(`  redis              ${rulesFor('redis')}`)
  console.log(`  config             ${rulesFor('config')}`)
  console.log(`  every other one    ${rulesFor('')}`)
  console.log('\nTest files (*.test.ts, *.test-d.ts) are exempt.')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--explain')) explain()
  const { fileCount, violations } = checkLayers(join(import.meta.dirname, '..'))
  for (const { from, line, to, message } of violations)
    console.error(`${from}:${line} -> ${to}\n  ${message}`)
  console.log(`layers: ${fileCount} files, ${violations.length} violation(s)`)
  process.exitCode = violations.length > 0 ? 1 : 0
}
