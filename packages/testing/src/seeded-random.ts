/** A source of random numbers in [0, 1), like `Math.random`, that repeats itself for the same seed. */
export type SeededRandom = () => number

/**
 * Random numbers that repeat: the same seed gives the same run, so that a failing one can be replayed.
 *
 * Not for secrets. Hand it to `createGateway({ random })`, to jitter, to shuffles.
 *
 * @param seed any number or text; print it when a seeded test fails.
 * @example
 * const random = seededRandom(42)
 * random() // always the same first number
 */
export function seededRandom(seed: number | string): SeededRandom {
  let state = hash(String(seed))
  // splitmix32: one 32-bit word of state, full period, good enough for every statistical test we run.
  return () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = state ^ (state >>> 16)
    mixed = Math.imul(mixed, 0x21f0aaad)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed, 0x735a2d97)
    mixed ^= mixed >>> 15
    return (mixed >>> 0) / 4_294_967_296
  }
}

/** FNV-1a over the UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value | 0
}
