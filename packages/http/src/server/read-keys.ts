/** Checks keys as a configuration or a program describes them. */
import { GatewayError } from '@turnout/core'
import type { VirtualKey } from './virtual-key.js'

const FIELDS = [
  'id',
  'sha256',
  'models',
  'providerOptions',
  'endpoints',
  'tenant',
  'tags',
  'expiresAt',
  'account',
  'parent',
  'revoked',
]
const DATE = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/

/**
 * Frozen copies of the keys.
 * @param where their place, for messages: `keys`
 * @throws GatewayError `invalid_request`
 */
export function readKeys(given: unknown, where: string): readonly VirtualKey[] {
  if (!Array.isArray(given)) throw invalid(where, 'must be a list of keys, as in [{ id, sha256 }]')
  const ids = new Set<string>()
  const digests = new Set<string>()
  return given.map((entry: unknown, index) => {
    const key = readKey(entry, `${where}[${index}]`)
    if (ids.has(key.id)) throw invalid(`${where}[${index}].id`, `there are two keys "${key.id}"`)
    if (digests.has(key.sha256)) throw invalid(`${where}[${index}].sha256`, 'is the hash of another key too')
    ids.add(key.id)
    digests.add(key.sha256)
    return key
  })
}

function readKey(entry: unknown, where: string): VirtualKey {
  if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
    throw invalid(where, 'must be an object, as in { id, sha256 }')
  const key = entry as Readonly<Record<string, unknown>>
  for (const name of Object.keys(key)) {
    if (!FIELDS.includes(name))
      throw invalid(`${where}.${name}`, `is no field of a key; there are ${FIELDS.join(', ')}`)
  }
  const { id, sha256, expiresAt, tags } = key
  // The id is the value of a tag, and stands in logs.
  if (typeof id !== 'string' || !/^[\w.@:-]{1,100}$/.test(id))
    throw invalid(`${where}.id`, 'must be 1 to 100 letters, digits or . _ - @ :')
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256))
    throw invalid(`${where}.sha256`, 'must be the SHA-256 of the key in lower-case hex: turnout keys new')
  for (const name of ['models', 'endpoints']) {
    if (key[name] !== undefined && !isNames(key[name]))
      throw invalid(`${where}.${name}`, 'must be a list of names, with a * at the end for all that begin so')
  }
  for (const name of ['tenant', 'account', 'parent']) {
    if (key[name] !== undefined && (typeof key[name] !== 'string' || key[name] === ''))
      throw invalid(`${where}.${name}`, 'must be a text')
  }
  if (tags !== undefined && !isTags(tags)) throw invalid(`${where}.tags`, 'must be names with texts')
  if (expiresAt !== undefined && !(typeof expiresAt === 'string' && isDate(expiresAt)))
    throw invalid(`${where}.expiresAt`, 'must be a date as in 2027-01-31 or 2027-01-31T12:00:00Z')
  for (const name of ['revoked', 'providerOptions']) {
    if (key[name] !== undefined && typeof key[name] !== 'boolean')
      throw invalid(`${where}.${name}`, 'must be true or false')
  }
  return Object.freeze({ ...key }) as unknown as VirtualKey
}

/** A star elsewhere than at the end would be taken for one that means something. */
const isNames = (value: unknown): boolean =>
  Array.isArray(value) &&
  value.every((name) => typeof name === 'string' && /^[^*]*\*?$/.test(name) && name !== '')

const isTags = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((text) => typeof text === 'string')

const isDate = (text: string): boolean => DATE.test(text) && !Number.isNaN(Date.parse(text))

const invalid = (path: string, message: string): GatewayError =>
  new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}` })
