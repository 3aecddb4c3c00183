// Writes the table of error codes into docs/errors.md, from the list that the code itself uses.
//   node scripts/generate-error-docs.mjs [--check]     --check changes nothing and fails when the table is stale
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
export const errorDocsFile = join(root, 'docs', 'errors.md')
const builtList = join(root, 'packages', 'core', 'dist', 'errors', 'error-code.js')

const begin = /^<!-- Generated from .* -->$/m
const end = '<!-- The end of the generated table. -->'

const beforeCommit = { same: 'same target again', next: 'next target', fail: 'fail' }

/** The table of {@link codes}, the `ERROR_CODES` of core. */
function table(codes) {
  const rows = Object.entries(codes).map(([code, { meaning, remedy, verdict, retryable, status }]) =>
    row([`\`${code}\``, meaning, remedy, beforeCommit[verdict], retryable ? 'yes' : 'no', status]),
  )
  const titles = ['code', 'what happened', 'what to do', 'before the commit', 'retryable', 'HTTP']
  return [row(titles), `|${'---|'.repeat(titles.length)}`, ...rows].join('\n')
}

function row(cells) {
  const broken = cells.find((cell) => /[|\n]/.test(cell))
  if (broken !== undefined) throw new Error(`a table cannot hold: ${broken}`)
  return `| ${cells.join(' | ')} |`
}

/** @returns the document with its table made anew; what is written by hand around it stays */
export function withErrorTable(markdown, codes) {
  const opening = begin.exec(markdown)
  const from = opening ? opening.index + opening[0].length : -1
  const to = markdown.indexOf(end)
  if (from === -1 || to < from) throw new Error('the two comments around the table are missing')
  return `${markdown.slice(0, from)}\n\n${table(codes)}\n\n${markdown.slice(to)}`
}

async function main() {
  const { ERROR_CODES } = await import(pathToFileURL(builtList).href)
  const written = readFileSync(errorDocsFile, 'utf8')
  const right = withErrorTable(written, ERROR_CODES)
  if (written === right) console.log('docs/errors.md is up to date')
  else if (process.argv.includes('--check')) {
    console.error('docs/errors.md is stale: run `npm run docs:errors` and commit it')
    process.exitCode = 1
  } else {
    writeFileSync(errorDocsFile, right)
    console.log(`docs/errors.md: ${Object.keys(ERROR_CODES).length} codes written`)
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) await main()
