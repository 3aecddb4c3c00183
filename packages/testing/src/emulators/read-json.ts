/** Reading of untrusted request bodies. */

export type JsonRecord = Readonly<Record<string, unknown>>

export function isRecord(value: unknown): value is JsonRecord {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The records of a list; anything else is left out. */
export function recordsOf(value: unknown): readonly JsonRecord[] {
  return Array.isArray(value) ? value.filter(isRecord) : []
}

/** Present: neither left out nor `null`, which most vendors take for the same. */
export function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Text of a message's content: a string, or its text parts joined. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return content
  return recordsOf(content)
    .map((part) => textOf(part['text']))
    .join('')
}

export function lastTextOfRole(messages: unknown, role: string, key = 'content'): string {
  const last = recordsOf(messages).findLast(
    (message) => (message['role'] ?? 'user') === role && contentText(message[key]) !== '',
  )
  return last ? contentText(last[key]) : ''
}
