import { spawnSync } from 'node:child_process'

/** Runs a command, shows its output only when it fails, and then throws. */
export function runCommand(command, args, options = {}) {
  const windowsShell = process.platform === 'win32'
  const result = spawnSync(command, args, { encoding: 'utf8', shell: windowsShell, ...options })
  if (result.status === 0) return result.stdout
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ?? ''}`
  throw new Error(`"${[command, ...args].join(' ')}" failed (${result.status ?? result.signal}):\n${output}`)
}

/** Runs a script's body; a failure becomes a readable message and exit code 1. */
export async function runScript(body) {
  try {
    await body()
  } catch (error) {
    console.error(error instanceof Error ? error.message : error)
    process.exitCode = 1
  }
}
