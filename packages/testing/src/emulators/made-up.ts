/** Made-up values in the vendors' forms. All take the emulator's seeded `random`. */

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** `prefix` and `length` letters and digits. */
export function madeUpId(prefix: string, length: number, random: () => number): string {
  let id = prefix
  for (let i = 0; i < length; i++) id += LETTERS[Math.floor(random() * LETTERS.length)]
  return id
}

/** `length` characters of lower-case hex. */
export function madeUpHex(length: number, random: () => number): string {
  let hex = ''
  while (hex.length < length) hex += Math.floor(random() * 16).toString(16)
  return hex
}

export function nowSeconds(): number {
  return Math.floor(Date.now() / 1_000)
}
