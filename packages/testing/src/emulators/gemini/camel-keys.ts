import type { JsonRecord } from '../read-json.js'

/** The record with its own keys in camel case: Gemini reads both spellings. Deeper levels are left as they are. */
export function camelKeys(record: JsonRecord): JsonRecord {
  return Object.fromEntries(
    Object.entries(record).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value,
    ]),
  )
}
