// Compiles every ```ts block of the documentation against the workspace packages, and runs those marked so.
//   node scripts/check-snippets.mjs [files]
//   ```ts            type-checked as a module of its own; `gateway`, `messages` … are there (see `context`)
//   ```ts continue   goes on where the block before it stopped
//   ```ts run        also runs, with providers that talk to emulators unless the block says otherwise
// Faults are told with the line of the Markdown file: blocks keep their line numbers in the generated modules.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
const folder = join(root, 'docs', '.snippets')
const runLimitMs = 20_000

/** What a fragment may use without having made it. */
const context = `
import type { ChatMessage, Gateway } from '@turnout/core'
declare global {
  const gateway: Gateway
  const messages: readonly ChatMessage[]
  const diff: string
}
`

/**
 * @returns {{ line: number, run: boolean, code: string }[]} `line` is that of the first fence; `code` starts with
 *   as many empty lines as the Markdown has lines before it
 */
export function extractSnippets(markdown) {
  const snippets = []
  let open
  for (const [index, line] of markdown.split('\n').entries()) {
    const fence = /^\s*(```+)\s*(\S*)\s*(.*?)\s*$/.exec(line)
    if (!open && fence) {
      open = { ...readInfo(fence[2], fence[3].split(/\s+/).filter(Boolean), index + 1), lines: [] }
      open.end = fence[1]
    } else if (open && line.trim() === open.end) {
      if (open.isTypeScript) addBlock(snippets, open)
      open = undefined
    } else open?.lines.push(line)
  }
  if (open) throw new Error(`line ${open.line}: the block is never closed`)
  return snippets
}

function readInfo(language, flags, line) {
  const isTypeScript = language === 'ts' || language === 'typescript'
  const unknown = isTypeScript && flags.find((flag) => flag !== 'run' && flag !== 'continue')
  if (unknown) throw new Error(`line ${line}: "${unknown}" is no mark of a block; use run or continue`)
  return { isTypeScript, run: flags.includes('run'), isContinued: flags.includes('continue'), line }
}

function addBlock(snippets, { line, run, isContinued, lines }) {
  const last = snippets.at(-1)
  if (isContinued && !last) throw new Error(`line ${line}: there is no block to continue`)
  const before = isContinued ? last.code : ''
  const padding = '\n'.repeat(line - (before === '' ? 0 : before.split('\n').length - 1))
  const code = `${before}${padding}${lines.join('\n')}\n`
  if (isContinued) Object.assign(last, { code, run: last.run || run })
  else snippets.push({ line, run, code })
}

function documents() {
  if (process.argv.length > 2) return process.argv.slice(2)
  const within = (path) => readdirSync(join(root, path)).map((name) => `${path}/${name}`)
  const readmes = within('packages').map((path) => `${path}/README.md`)
  const paths = [
    'README.md',
    'CONTRIBUTING.md',
    ...within('docs').filter((path) => path.endsWith('.md')),
    ...readmes,
  ]
  return paths.filter((path) => existsSync(join(root, path)))
}

/** Writes the modules. @returns {Map<string, { path: string, line: number, run: boolean }>} by module name */
function generate() {
  rmSync(folder, { recursive: true, force: true })
  // A page without snippets compiles to nothing, and tsc then makes no folder for it.
  mkdirSync(join(folder, 'dist'), { recursive: true })
  const modules = new Map()
  for (const path of documents()) {
    let snippets
    try {
      snippets = extractSnippets(readFileSync(join(root, path), 'utf8'))
    } catch (error) {
      throw new Error(`${path}: ${error.message}`, { cause: error })
    }
    for (const { line, run, code } of snippets) {
      const name = `${path.replace(/\.md$/, '').replaceAll('/', '-')}-line-${line}`
      modules.set(name, { path, line, run })
      // `export {}` at the end: a fragment is a module too, with names of its own and top-level await.
      writeFileSync(join(folder, `${name}.ts`), `${code}export {}\n`)
    }
  }
  writeFileSync(join(folder, 'context.d.ts'), context)
  const tsconfig = {
    extends: '../../tsconfig.base.json',
    compilerOptions: { rootDir: '.', outDir: 'dist', declaration: false, declarationMap: false },
    include: ['*.ts'],
  }
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(tsconfig))
  return modules
}

/** `docs/.snippets/README-line-12.ts` with a position behind it becomes `README.md`. */
function inMarkdown(text, modules) {
  const place = /(?:file:\/\/)?[^\s('"]*?([\w.-]+-line-\d+)\.[jt]s/g
  return text
    .replace(place, (whole, name) => modules.get(name)?.path ?? whole)
    .replace(/(\.md)\((\d+),(\d+)\)/g, '$1:$2:$3')
}

function compile(modules) {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const result = spawnSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], {
    cwd: root,
    encoding: 'utf8',
  })
  if (result.status === 0) return true
  console.error(inMarkdown(`${result.stdout}${result.stderr}`, modules))
  return false
}

/** Providers of a running block talk to these; they live in this process, so that the block must end by itself. */
async function startEmulators() {
  const { anthropicEmulator, geminiEmulator, openaiEmulator } = await import('@turnout/testing/emulators')
  return {
    openai: await openaiEmulator(),
    anthropic: await anthropicEmulator(),
    gemini: await geminiEmulator(),
  }
}

/** The provider packages as a running block gets them: what it does not say itself points at an emulator. */
function emulatedProviders(emulators) {
  return Object.entries(emulators)
    .map(([name, { baseURL }]) => {
      const defaults = `apiKey: 'emulated', baseURL: '${baseURL}'`
      return `import { ${name} as ${name}Adapter } from '@turnout/${name}'
export const ${name} = (options) => ${name}Adapter({ ${defaults}, ...options })
`
    })
    .join('')
}

function runModule(name) {
  const file = join(folder, 'dist', `${name}.js`)
  const providers = /(?<=from\s*)(['"])@turnout\/(?:openai|anthropic|gemini)\1/g
  writeFileSync(file, readFileSync(file, 'utf8').replace(providers, "'./emulated.js'"))
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--enable-source-maps', file], {
      cwd: dirname(file),
      timeout: runLimitMs,
    })
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    child.on('close', (code, signal) => {
      const verdict = signal ? `did not end within ${runLimitMs} ms` : `ended with exit code ${code}`
      resolve({ ok: code === 0, verdict, output })
    })
  })
}

async function runAll(modules) {
  const emulators = await startEmulators()
  writeFileSync(join(folder, 'dist', 'emulated.js'), emulatedProviders(emulators))
  let failures = 0
  try {
    for (const [name, { path, line, run }] of modules) {
      if (!run) continue
      const { ok, verdict, output } = await runModule(name)
      if (ok) continue
      failures++
      console.error(`${path}:${line}: the block ${verdict}\n${inMarkdown(output, modules)}`)
    }
  } finally {
    await Promise.all(Object.values(emulators).map((emulator) => emulator.close()))
  }
  return failures
}

async function main() {
  const modules = generate()
  const runnable = [...modules.values()].filter(({ run }) => run).length
  const failures = compile(modules) ? await runAll(modules) : 1
  if (failures === 0) rmSync(folder, { recursive: true })
  console.log(
    `snippets: ${modules.size} compiled, ${runnable} run, ${failures === 0 ? 'all well' : 'failed'}`,
  )
  process.exitCode = failures === 0 ? 0 : 1
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
