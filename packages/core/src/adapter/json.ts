/**
 * The one entry point for JSON from outside. Own keys named `__proto__` are left out, so that no later copy of the
 * value can change a prototype.
 *
 * @throws SyntaxError for text that is not JSON.
 */
export function parseJson(text: string): unknown {
  return mayNameProto(text) ? JSON.parse(text, withoutProto) : JSON.parse(text)
}

/**
 * Whether objects and lists stand in each other more than so many times. Told from the text: what is deep enough to harm
 * is not worth parsing.
 */
export function isDeeper(text: string, maxDepth: number): boolean {
  return mayBeDeeper(text, maxDepth) && isDeeperByCount(text, maxDepth)
}

/** Hardly any text has so many brackets at all, which is told in a tenth of the time. */
function mayBeDeeper(text: string, maxDepth: number): boolean {
  if (text.length <= 2 * maxDepth) return false
  let count = 0
  for (let at = text.indexOf('{'); at >= 0; at = text.indexOf('{', at + 1))
    if (++count > maxDepth) return true
  for (let at = text.indexOf('['); at >= 0; at = text.indexOf('[', at + 1))
    if (++count > maxDepth) return true
  return false
}

/** Brackets inside strings are text. */
function isDeeperByCount(text: string, maxDepth: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) {
      at = endOfString(text, at)
      if (at < 0) return false
    } else if (unit === OPEN_OBJECT || unit === OPEN_LIST) {
      if (++depth > maxDepth) return true
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_LIST) depth--
  }
  return false
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d
const OPEN_LIST = 0x5b
const CLOSE_LIST = 0x5d

/** Where the string ends that begins at `start`; -1 when it does not. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return end
  }
  return -1
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
