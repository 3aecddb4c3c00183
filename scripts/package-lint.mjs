// Lints what would be published, tarball by tarball: publint for the manifest, attw for the types.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { packPackages } from './pack-packages.mjs'
import { runCommand, runScript } from './run-command.mjs'

const tool = (name) => join(import.meta.dirname, '..', 'node_modules', '.bin', name)

await runScript(() => {
  const folder = mkdtempSync(join(tmpdir(), 'turnout-package-lint-'))
  try {
    for (const { name, tarball } of packPackages(folder)) {
      runCommand(tool('publint'), ['run', tarball, '--strict'])
      runCommand(tool('attw'), [tarball, '--profile', 'esm-only', '--no-definitely-typed'])
      console.log(`package-lint: ${name} ok`)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
})
