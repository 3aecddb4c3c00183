// Nothing committed names a machine's own paths or a package registry, and the lockfile holds no addresses:
// what is in the repository must work on any machine and with any registry.
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const anywhere = [
  { pattern: /(?<![\w.~-])\/(?:work|root)\//, message: "names a path of somebody's machine" },
  {
    pattern: /\bregistry\.[\w-]+\.\w{2,}|\bnpm\.pkg\.|\bartifactory\b|\bverdaccio\b/i,
    message: 'names a package registry',
  },
]
const inFile = {
  'pnpm-lock.yaml': [{ pattern: /https?:\/\/|tarball:/, message: 'holds an address; re-resolve without it' }],
  '.npmrc': [{ pattern: /registry\s*=/, message: 'sets a registry for everybody' }],
}

/** @returns {{ line: number, message: string }[]} what is wrong in one committed file */
export function findLeaks(path, text) {
  if (text.includes('\0')) return []
  const rules = [...anywhere, ...(inFile[path] ?? [])]
  return text.split('\n').flatMap((content, index) => {
    const broken = rules.filter(({ pattern }) => pattern.test(content))
    return broken.map(({ message }) => ({ line: index + 1, message }))
  })
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const root = join(import.meta.dirname, '..')
  const list = execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8' })
  const paths = list.split('\0').filter(Boolean)
  let count = 0
  for (const path of paths) {
    for (const { line, message } of findLeaks(path, readFileSync(join(root, path), 'utf8'))) {
      console.error(`${path}:${line} ${message}`)
      count++
    }
  }
  console.log(`hygiene: ${paths.length} files, ${count} leak(s)`)
  process.exitCode = count > 0 ? 1 : 0
}
