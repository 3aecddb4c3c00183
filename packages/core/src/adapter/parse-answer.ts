import type { GatewayError } from '../errors/gateway-error.js'
import { ANSWER_BOUNDS, beyondBound, type AnswerBounds } from './answer-bounds.js'
import { badResponse, htmlInstead, type Asked } from './answer-error.js'
import { withoutByteOrderMark } from './framing.js'
import { isDeeper, parseJson } from './json.js'

/**
 * A whole body as a JSON value. White space before it (keep-alives of slow answers) is fine.
 *
 * @throws GatewayError `bad_response` for an empty body, an HTML page and anything else that is not JSON, or is too deep
 */
export function parseAnswer(
  bytes: readonly Uint8Array[],
  asked: Asked,
  { maxJsonDepth }: Pick<Required<AnswerBounds>, 'maxJsonDepth'>,
): unknown {
  const text = textOfBody(bytes)
  if (isDeeper(text, maxJsonDepth)) throw tooDeep(asked, maxJsonDepth)
  try {
    return parseJson(text)
  } catch {
    throw notJson(text, asked)
  }
}

export const tooDeep = (asked: Asked, maxDepth: number): GatewayError =>
  beyondBound(asked, `JSON that is nested deeper than ${maxDepth} levels`, 'maxJsonDepth')

export function textOfBody(bytes: readonly Uint8Array[]): string {
  const [only] = bytes
  if (only === undefined) return ''
  const whole = bytes.length === 1 ? only : Buffer.concat(bytes)
  return withoutByteOrderMark(Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength).toString())
}

/** An error body: JSON when it is, else its text; pages of proxies are left out, they say nothing worth showing. */
export function parseErrorBody(bytes: readonly Uint8Array[]): unknown {
  const text = textOfBody(bytes)
  if (looksLikeHtml(text) || isDeeper(text, ANSWER_BOUNDS.maxJsonDepth)) return ''
  try {
    return parseJson(text)
  } catch {
    return text
  }
}

/** Without the parser's error as cause: its message quotes the text, which may be the answer. */
export function notJson(text: string, asked: Asked): GatewayError {
  if (text.trim() === '') return badResponse(asked, 'an empty body')
  if (looksLikeHtml(text)) return htmlInstead(asked, 'JSON')
  return badResponse(asked, 'something that is not JSON')
}

function looksLikeHtml(text: string): boolean {
  return text.trimStart().startsWith('<')
}
