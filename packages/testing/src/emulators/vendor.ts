/** What the emulator's server needs to know of a vendor: its paths, its errors and how it writes an answer. */
import type { Answer } from '../script/resolve-answer.js'
import type { ErrorReply } from '../script/reply.js'

/** One HTTP answer. `body` that is no string is sent as JSON. */
export interface WireAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: unknown
}

/** The request as an endpoint sees it. */
export interface IncomingCall {
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: unknown
  /** Ids and other made-up values that repeat for the same seed. */
  readonly random: () => number
  /** Ids of the models that may be asked; `undefined`: all. */
  readonly models: readonly string[] | undefined
}

/** A refusal in the vendor's words; `param` and `code` are used by vendors whose errors have them. */
export interface RefusalFacts extends ErrorReply {
  readonly param?: string | null
  readonly code?: string | null
}

/** Thrown by validation: answered with the vendor's error shape. Never leaves the emulator. */
export class Refusal extends Error {
  readonly facts: RefusalFacts
  constructor(facts: RefusalFacts) {
    super(facts.message)
    this.name = 'Refusal'
    this.facts = facts
  }
}

/** A streamed answer as wire text: whole events, ready to be written. */
export interface StreamWire {
  readonly contentType: string
  /** Sent right after the headers, before any content. */
  readonly head: string
  /** One entry for each piece of the answer. */
  readonly pieces: readonly string[]
  /** What follows the last piece: finish reason, usage. */
  readonly tail: string
  /** The vendor's terminal mark; may be empty when `tail` holds it. */
  readonly endMark: string
  /** Sent in place of `tail` when the script leaves the end mark out and it is part of `tail`. */
  readonly tailWithoutMark?: string
  readonly ping: string
  /** @param piecesSent how many pieces of content stand before it. */
  errorEvent(error: ErrorReply, piecesSent: number): string
  /** The head comes even when the first thing of the script is an error. */
  readonly headBeforeError: boolean
}

/** One chat call, read and found valid: what the script needs to answer it and how the vendor writes the answer. */
export interface ChatTurn {
  readonly model: string
  readonly stream: boolean
  readonly lastUserText: string
  readonly promptTokens: number
  readonly wholeToolCalls?: boolean
  makeToolCallId(): string
  whole(answer: Answer): unknown
  streamed(answer: Answer): StreamWire
}

export type Handled =
  { readonly type: 'json'; readonly body: unknown } | { readonly type: 'chat'; readonly turn: ChatTurn }

export interface Endpoint {
  readonly method: 'GET' | 'POST'
  /** Matched against the whole path, base path included. */
  readonly path: RegExp
  /** @throws Refusal for what the vendor would refuse. */
  handle(call: IncomingCall): Handled
}

export interface Vendor {
  readonly name: string
  /** Appended to the server's URL for `baseURL`. */
  readonly basePath: string
  /** The key of the request, wherever the vendor looks for it. */
  credential(
    headers: Readonly<Record<string, string>>,
    query: Readonly<Record<string, string>>,
  ): string | undefined
  /** The vendor's answer to a missing (`undefined`) or unknown key. */
  keyRefusal(key: string | undefined): WireAnswer
  /** The vendor's answer for something that went wrong, scripted or found by validation. */
  errorAnswer(error: RefusalFacts, random: () => number): WireAnswer
  /** The answer for a path or method that does not exist. */
  unknownPath(method: string, path: string): WireAnswer
  /** Headers of every good answer. */
  headers(random: () => number): Readonly<Record<string, string>>
  /** Headers that hold a credential, in lower case. */
  readonly credentialHeaders: readonly string[]
  readonly endpoints: readonly Endpoint[]
}
