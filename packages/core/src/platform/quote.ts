const SHOWN = 100

/**
 * A caller's word as a message may show it: quoted, cut, with control characters and half surrogates escaped.
 *
 * @example quote('fast\nsummary') // '"fast\\nsummary"'
 */
export function quote(word: string): string {
  return JSON.stringify(word.length > SHOWN ? `${word.slice(0, SHOWN)}…` : word)
}
