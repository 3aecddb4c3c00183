/** How large answers may be: a provider that goes mad, or somebody in between, must not take the host with it. */
import { GatewayError } from '../errors/gateway-error.js'
import { suggest } from '../platform/suggest.js'
import { badResponse, type Asked } from './answer-error.js'

/**
 * Bounds of one adapter's answers. What goes beyond is given up at once: the call's attempt fails with `bad_response`, or
 * with `stream_interrupted` when some of it has been shown, and the socket is closed.
 */
export interface AnswerBounds {
  /** A whole answer, unpacked. Default 32 MiB. Streams are bounded event by event, and by their clocks. */
  readonly maxBodyBytes?: number
  /** An event of a stream, or a line of it, in UTF-16 units: images come in one. Default 16 Mi. */
  readonly maxEventChars?: number
  /** All headers of an answer. Default 16 KiB. A `fetch` or `dispatcher` of yours has a bound of its own. */
  readonly maxHeaderBytes?: number
  /** Compressions of a body, one in the other. Default 3. */
  readonly maxEncodings?: number
  /** How many times as large a body may grow when it is unpacked, beyond its first MiB. Default 100. */
  readonly maxExpansion?: number
  /** The arguments of one tool call, in UTF-16 units. Default 1 Mi. */
  readonly maxToolArgumentChars?: number
  /** Objects and lists in each other. Default 64, at most 1,000. */
  readonly maxJsonDepth?: number
}

export const ANSWER_BOUNDS: Required<AnswerBounds> = {
  maxBodyBytes: 32 * 2 ** 20,
  maxEventChars: 16 * 2 ** 20,
  maxHeaderBytes: 16_384,
  maxEncodings: 3,
  maxExpansion: 100,
  maxToolArgumentChars: 2 ** 20,
  maxJsonDepth: 64,
}

/** What walks over values goes down the stack. */
const MAX_JSON_DEPTH = 1_000

/** @throws GatewayError `invalid_request` for a bound that there is none of, or that is no number */
export function readBounds(given: AnswerBounds | undefined): Required<AnswerBounds> {
  if (given === undefined) return ANSWER_BOUNDS
  if (typeof given !== 'object' || given === null)
    throw invalid('bounds', 'must be an object, as in { maxBodyBytes: 64 * 2 ** 20 }')
  const bounds = { ...ANSWER_BOUNDS }
  for (const [name, value] of Object.entries(given) as [keyof AnswerBounds, unknown][]) {
    if (!Object.hasOwn(ANSWER_BOUNDS, name)) {
      const meant = suggest(name, Object.keys(ANSWER_BOUNDS))
      throw invalid(
        `bounds.${name}`,
        `is no bound${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`,
      )
    }
    if (value === undefined) continue
    if (!Number.isSafeInteger(value) || (value as number) < 1)
      throw invalid(`bounds.${name}`, 'must be a whole number of at least 1')
    if (name === 'maxJsonDepth' && (value as number) > MAX_JSON_DEPTH)
      throw invalid(`bounds.${name}`, `must be at most ${MAX_JSON_DEPTH}`)
    bounds[name] = value as number
  }
  return bounds
}

/** @param what completes "<provider> answered with …" */
export const beyondBound = (
  asked: Asked,
  what: string,
  bound: keyof AnswerBounds,
  cause?: unknown,
): GatewayError =>
  badResponse(asked, `${what}; raise \`bounds.${bound}\` of its adapter if that is right`, cause)

/** As the text of a number that people read. */
export const amountOf = (count: number): string => count.toLocaleString('en-US')

const invalid = (path: string, rule: string): GatewayError =>
  new GatewayError({ code: 'invalid_request', message: `${path} ${rule}`, path })
