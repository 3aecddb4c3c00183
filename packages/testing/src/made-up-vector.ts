/**
 * A vector for a text: the same text gives the same unit vector, different texts point elsewhere.
 * @param dimensions length of the vector.
 */
export function madeUpVector(text: string, dimensions: number): number[] {
  const vector: number[] = []
  let state = 0x811c9dc5
  for (let i = 0; i < text.length; i++) state = Math.imul(state ^ text.charCodeAt(i), 0x01000193)
  let sum = 0
  for (let i = 0; i < dimensions; i++) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + i
    const value = (state >>> 0) / 2_147_483_648 - 1
    vector.push(value)
    sum += value * value
  }
  const length = Math.sqrt(sum) || 1
  // float32, as vendors compute: base64 and plain numbers then say the same.
  return vector.map((value) => Math.fround(value / length))
}
