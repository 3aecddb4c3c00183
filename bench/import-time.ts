/** What importing costs, each time in a fresh process; `undici` is imported beside it as a yardstick of the machine. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from './measure.js'

export interface ImportTime {
  /** Core beyond the libraries that it loads. */
  readonly ownMs: number
  /** Core with everything that it loads. */
  readonly totalMs: number
  /** A bare `import 'undici'`. */
  readonly undiciMs: number
}

/** What core loads when it is imported; undici's parts come with the first request. */
const LIBRARIES = ['zod', 'eventsource-parser', 'p-retry']

export function importTime(runs: number): ImportTime {
  const own: number[] = []
  const total: number[] = []
  const undici: number[] = []
  for (let i = 0; i < runs; i++) {
    const [libraries = 0, core = 0] = timeImports([LIBRARIES, ['@turnout/core']])
    own.push(core)
    total.push(libraries + core)
    undici.push(timeImports([['undici']])[0] ?? 0)
  }
  return { ownMs: median(own), totalMs: median(total), undiciMs: median(undici) }
}

/** Milliseconds for each group of modules, one group after the other in one fresh process. */
function timeImports(groups: readonly (readonly string[])[]): readonly number[] {
  const steps = groups.map((names) => {
    const imports = names.map((name) => `import(${JSON.stringify(import.meta.resolve(name))})`)
    return `began = performance.now(); await Promise.all([${imports.join(', ')}]); took.push(performance.now() - began)`
  })
  const script = `const took = []; let began; ${steps.join('; ')}; console.log(JSON.stringify(took))`
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  if (result.status !== 0) throw new Error(result.stderr)
  return JSON.parse(result.stdout) as number[]
}
