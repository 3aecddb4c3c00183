import { createKey, createKeys } from '@turnout/http'
import { EXIT_OK, EXIT_USAGE, type Terminal } from './terminal.js'

/** Prints a new key; on standard output, so that it can be piped, the rest beside it. */
export function newKey(id: string | undefined, { print, complain }: Terminal): number {
  const { key, sha256 } = createKey()
  const entry = { id: id ?? 'name-of-the-client', sha256 }
  try {
    createKeys([entry])
  } catch {
    complain('turnout: the id of a key must be 1 to 100 letters, digits or . _ - @ :')
    return EXIT_USAGE
  }
  print(key)
  complain(`
Give this key to its holder: it is kept nowhere, and cannot be shown again. For the configuration:

server:
  keys:
    - { id: ${entry.id}, sha256: ${sha256} }`)
  return EXIT_OK
}
