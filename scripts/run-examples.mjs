// Runs every example as a reader would, without keys. Its exit code is the verdict: each story checks itself.
import { spawn } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

const limitMs = 60_000
const examples = join(import.meta.dirname, '..', 'examples')
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.endsWith('_API_KEY')))

function runExample(name) {
  const main = join(examples, name, 'dist', 'main.js')
  if (!existsSync(main)) return { verdict: 'not built', output: 'Is it listed in examples/tsconfig.json?' }
  const started = performance.now()
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [main], {
      cwd: join(examples, name),
      env,
      timeout: limitMs,
      killSignal: 'SIGKILL',
    })
    let output = ''
    child.stdout.on('data', (text) => (output += text))
    child.stderr.on('data', (text) => (output += text))
    child.on('close', (code, signal) => {
      const ms = Math.round(performance.now() - started)
      const failure = signal ? `killed (${signal}, limit ${limitMs} ms)` : `exit code ${code}`
      resolve({ verdict: code === 0 ? 'ok' : failure, ms, output })
    })
  })
}

const names = readdirSync(examples).filter((name) => existsSync(join(examples, name, 'package.json')))
const rows = []
for (const name of names) {
  const { verdict, ms, output } = await runExample(name)
  rows.push({ example: name, verdict, ms })
  if (verdict !== 'ok') console.error(`--- ${name}: ${verdict}\n${output}`)
}
console.table(rows)
process.exitCode = rows.length > 0 && rows.every(({ verdict }) => verdict === 'ok') ? 0 : 1
