/** What importing core costs, each time in a fresh process: in all, and beyond the libraries that it loads. */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { median } from './measure.js'

const LIBRARIES = ['zod', 'undici', 'eventsource-parser', 'p-retry']

export function importTime(runs: number): {
  readonly totalMs: number
  readonly ownMs: number
  readonly librariesMs: number
} {
  const libraries: number[] = []
  const total: number[] = []
  const own: number[] = []
  for (let i = 0; i < runs; i++) {
    const [before, after] = timeImports()
    libraries.push(before)
    own.push(after)
    total.push(before + after)
  }
  return { totalMs: median(total), ownMs: median(own), librariesMs: median(libraries) }
}

/** The libraries first, then core: the second figure is what core adds. */
function timeImports(): [number, number] {
  const load = LIBRARIES.map((name) => `import(${JSON.stringify(import.meta.resolve(name))})`).join(', ')
  const core = JSON.stringify(import.meta.resolve('@turnout/core'))
  const adapterKit = JSON.stringify(import.meta.resolve('@turnout/core/adapter'))
  const script = `const a = performance.now(); await Promise.all([${load}]); const b = performance.now();
    await import(${core}); await import(${adapterKit}); console.log(JSON.stringify([b - a, performance.now() - b]))`
  const result = spawnSync(process.execPath, ['--input-type=module', '-e', script], {
    encoding: 'utf8',
    cwd: fileURLToPath(new URL('.', import.meta.url)),
  })
  if (result.status !== 0) throw new Error(result.stderr)
  return JSON.parse(result.stdout) as [number, number]
}
