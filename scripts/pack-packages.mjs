import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { runCommand } from './run-command.mjs'

const root = join(import.meta.dirname, '..')
const readJson = (path) => JSON.parse(readFileSync(join(root, path), 'utf8'))

/** Packs every public package as a release would: with pnpm, which applies publishConfig and workspace ranges. */
export function packPackages(destination) {
  const pnpm = readJson('package.json').packageManager
  const packages = readdirSync(join(root, 'packages'))
    .map((folder) => readJson(`packages/${folder}/package.json`))
    .filter((manifest) => !manifest.private)
  const filters = packages.flatMap(({ name }) => ['--filter', name])
  const npx = ['--prefer-offline', '-y', pnpm]
  runCommand('npx', [...npx, '-r', ...filters, 'pack', '--pack-destination', destination], { cwd: root })
  return packages.map((manifest) => ({
    name: manifest.name,
    manifest,
    tarball: join(destination, `${manifest.name.slice(1).replace('/', '-')}-${manifest.version}.tgz`),
  }))
}
