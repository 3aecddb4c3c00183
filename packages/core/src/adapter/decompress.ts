import { Readable, pipeline, type Transform } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, type Zlib } from 'node:zlib'
import { isGatewayError, type GatewayError } from '../errors/gateway-error.js'
import { beyondBound, type AnswerBounds } from './answer-bounds.js'
import { badResponse, type Asked } from './answer-error.js'
import type { HttpExchange } from './http-exchange.js'

/** Small bodies may grow as they like: the ratio of a bomb shows beyond. */
const FREE_BYTES = 1_048_576

const DECODERS: ReadonlyMap<string, () => Transform & Zlib> = new Map<string, () => Transform & Zlib>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
])

/**
 * The same exchange with its body decoded; back-pressure goes through.
 *
 * @param encoding the `content-encoding` header, such as `gzip` or `gzip, br`
 * @throws GatewayError `bad_response` for encodings that are unknown or too many; from `read` also for a body that
 *   is corrupt or grows beyond 100:1
 */
export function decompressed(
  exchange: HttpExchange,
  encoding: string,
  asked: Asked,
  { maxEncodings, maxExpansion }: Required<AnswerBounds>,
): HttpExchange {
  const names = encoding
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '' && name !== 'identity')
  if (names.length === 0) return exchange
  if (names.length > maxEncodings) {
    const what = `a body in ${names.length} encodings, of which at most ${maxEncodings} are read`
    throw beyondBound(asked, what, 'maxEncodings')
  }
  const stages = names.toReversed().map((name) => {
    const create = DECODERS.get(name)
    if (!create) throw badResponse(asked, `a body in the encoding "${name.slice(0, 40)}", which is not known`)
    return create()
  })

  let bytesOut = 0
  async function* source(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const batch = await exchange.read()
      if (!batch) return
      yield* batch
    }
  }
  // The callback is there because pipeline wants one: errors reach the reader through the last stage.
  const output = pipeline(
    [Readable.from(source(), { objectMode: false }), ...stages],
    () => {},
  ) as unknown as Transform
  const pieces = output[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>

  const failed = (error: GatewayError): GatewayError => {
    exchange.destroy(error)
    output.destroy()
    return error
  }

  return {
    head: () => exchange.head(),
    async read() {
      let next: IteratorResult<Uint8Array>
      try {
        next = await pieces.next()
      } catch (error) {
        throw isGatewayError(error)
          ? error
          : failed(badResponse(asked, 'a body that cannot be decompressed', error))
      }
      if (next.done) return undefined
      bytesOut += next.value.length
      // What has been unpacked so far, not what has arrived: a small bomb arrives whole.
      if (bytesOut > FREE_BYTES && bytesOut > maxExpansion * (stages[0]?.bytesWritten ?? 0)) {
        const what = `a body that grows more than ${maxExpansion} times when it is decompressed`
        throw failed(beyondBound(asked, what, 'maxExpansion'))
      }
      return [next.value]
    },
    release() {
      output.destroy()
      exchange.release()
    },
    destroy(reason) {
      exchange.destroy(reason)
      output.destroy(reason)
    },
  }
}
