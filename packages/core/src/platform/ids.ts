import type { Random } from './random.js'

const ALPHABET = Array.from('0123456789abcdefghijklmnopqrstuvwxyz')
/** All pairs: half the pieces to join, of which every call has some. */
const PAIRS: readonly string[] = ALPHABET.flatMap((second) => ALPHABET.map((first) => first + second))

/** `prefix` and 20 characters of `[0-9a-z]` (103 bits with a good `random`). */
export function createId(prefix: string, random: Random): string {
  const parts = [prefix]
  for (let part = 0; part < 5; part++) {
    const bits = Math.floor(random() * 1_679_616) // 36 ** 4: four characters a draw
    parts.push(PAIRS[bits % PAIRS.length] as string, PAIRS[Math.floor(bits / PAIRS.length)] as string)
  }
  // Joined, not added up: V8 would keep a tree of all the steps for as long as the call waits.
  return parts.join('')
}
