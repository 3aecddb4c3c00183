/**
 * The one entry point for JSON from outside. Own keys named `__proto__` are left out, so that no later copy of the
 * value can change a prototype.
 *
 * @throws SyntaxError for text that is not JSON.
 */
export function parseJson(text: string): unknown {
  return mayNameProto(text) ? JSON.parse(text, withoutProto) : JSON.parse(text)
}

/** True for what `{…}` parses to: objects that are neither `null` nor arrays. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The key may hide behind an escaped underscore (`\u005f`), the only letter class worth testing for every text. */
function mayNameProto(text: string): boolean {
  return text.includes('__proto__') || (text.includes('\\u00') && /\\u00(?:5f|6f|7[024])/i.test(text))
}

function withoutProto(key: string, value: unknown): unknown {
  return key === '__proto__' ? undefined : value
}
