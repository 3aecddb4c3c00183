/** The public face of every emulator. */
import type { Reply } from '../script/reply.js'
import type { Script } from '../script/script.js'
import type { RecordedRequest } from './recorded-request.js'

/** Any HTTP answer, byte for byte, for what no other reply can say. */
export interface RawReply {
  readonly body: string | Uint8Array
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
}

export type EmulatorReply = Reply | RawReply

export interface EmulatorOptions {
  /** What chat requests are answered with. Default: one friendly sentence. */
  readonly replies?: Script<EmulatorReply>
  /** Keys that are good. Default: every key is; a missing one never is. */
  readonly apiKeys?: readonly string[]
  /** Models that exist: others get the vendor's not-found error. Default: every name exists. */
  readonly models?: readonly string[]
  /** Loopback port. Default: any free one. */
  readonly port?: number
  /** Ids repeat for the same seed. Default 1. */
  readonly seed?: number
  /** `false` keeps nothing of the requests, for load tests of a million calls. Default `true`. */
  readonly record?: boolean
}

/** A running emulator. Close it, or let `await using` do so: it keeps the process alive. */
export interface Emulator extends AsyncDisposable {
  /** Such as `http://127.0.0.1:41234`. */
  readonly url: string
  /** What an adapter or SDK takes as its base URL. */
  readonly baseURL: string
  /** Every request so far, refused ones included, in order of arrival; empty with `record: false`. */
  readonly requests: readonly RecordedRequest[]
  /** Starts another script from its beginning; answers under way are not touched. */
  setReplies(replies: Script<EmulatorReply>): void
  /** Replies of lists that no request has used yet. */
  remainingReplies(): number
  /** Resolves with request number `count` (from 1), when it has arrived. */
  received(count: number): Promise<RecordedRequest>
  /** Refuses connections, open ones are broken. */
  goDown(): Promise<void>
  /** Listens again, on the same port. */
  comeUp(): Promise<void>
  /** Breaks all connections and frees the port. */
  close(): Promise<void>
}
