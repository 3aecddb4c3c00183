import type { Random } from './random.js'

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz'

/** `prefix` and 20 characters of `[0-9a-z]` (103 bits with a good `random`). */
export function createId(prefix: string, random: Random): string {
  const parts = [prefix]
  for (let part = 0; part < 5; part++) {
    let bits = Math.floor(random() * 1_679_616) // 36 ** 4: four characters a draw
    for (let i = 0; i < 4; i++) {
      parts.push(ALPHABET[bits % 36] as string)
      bits = Math.floor(bits / 36)
    }
  }
  // Joined, not added up: V8 would keep a tree of all the steps for as long as the call waits.
  return parts.join('')
}
