import { createHash } from 'node:crypto'

export interface ToolNameRule {
  readonly maxLength: number
  /** What the first character must match, where the rule differs. */
  readonly first?: RegExp
  /** What every character must match, such as `/[A-Za-z0-9_-]/`. */
  readonly allowed: RegExp
}

export interface ToolNameMapper {
  /** The name as the provider takes it. */
  toWire(name: string): string
  /** The caller's own name; names that were never mapped come back as they are. */
  fromWire(name: string): string
}

/**
 * Maps tool names to what a provider takes and back: unique, and untouched where they fit already.
 *
 * @example
 * const mapper = toolNameMapper(['files.read'], { maxLength: 64, allowed: /[A-Za-z0-9_-]/ })
 * mapper.toWire('files.read')    // 'files_read'
 * mapper.fromWire('files_read')  // 'files.read'
 */
export function toolNameMapper(names: readonly string[], rule: ToolNameRule): ToolNameMapper {
  const toWire = new Map<string, string>()
  const fromWire = new Map<string, string>()
  const add = (name: string, wire: string): string => {
    toWire.set(name, wire)
    fromWire.set(wire, name)
    return wire
  }
  const map = (name: string): string => {
    const wire = mend(name, rule)
    // Taken by another tool, or cut: the digest keeps two long names apart.
    const unique = fromWire.has(wire) || name.length > rule.maxLength ? suffixed(wire, name, rule) : wire
    return add(name, unique)
  }
  // Names that fit keep their own, whatever the order.
  for (const name of names) if (fits(name, rule)) add(name, name)
  for (const name of names) if (!toWire.has(name)) map(name)
  return {
    toWire: (name) => toWire.get(name) ?? (fits(name, rule) ? name : map(name)),
    fromWire: (name) => fromWire.get(name) ?? name,
  }
}

function fits(name: string, rule: ToolNameRule): boolean {
  return name !== '' && name.length <= rule.maxLength && mend(name, rule) === name
}

function mend(name: string, rule: ToolNameRule): string {
  let wire = ''
  for (const character of name.slice(0, rule.maxLength))
    wire += rule.allowed.test(character) ? character : '_'
  if (wire === '' || (rule.first && !rule.first.test(wire[0] ?? ''))) wire = `_${wire}`
  return wire.slice(0, rule.maxLength)
}

function suffixed(wire: string, name: string, rule: ToolNameRule): string {
  const suffix = `_${createHash('sha256').update(name).digest('hex').slice(0, 8)}`
  return wire.slice(0, rule.maxLength - suffix.length) + suffix
}
