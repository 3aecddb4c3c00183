/** A vendor of the Chat Completions dialect as data: what differs from one to the next. */
import type { ErrorReply, ScriptedUsage } from '../../script/reply.js'
import type { JsonRecord } from '../read-json.js'
import type { Endpoint, RefusalFacts, WireAnswer } from '../vendor.js'

export interface ChatProfile {
  readonly name: string
  /** Such as `/v1`. */
  readonly basePath: string
  /** Top-level request fields that the vendor knows; `undefined`: unknown ones are ignored. */
  readonly knownFields?: readonly string[]
  /** @throws Refusal for what this vendor refuses beyond the dialect's own rules. */
  readonly rules?: (body: JsonRecord) => void
  /** What a message may hold, where that differs from OpenAI's. */
  readonly messages?: MessageRules
  /** `json_object` without the word JSON in a message is refused. Default `true`. */
  readonly needsJsonWord?: boolean
  /** Most stop sequences. Default 4. */
  readonly maxStops?: number
  /**
   * Where the text of the reasoning stands in message and delta: in a field, or as parts of the content;
   * `undefined`: it is never shown.
   */
  readonly reasoningField?: 'reasoning_content' | 'reasoning' | 'thinking-parts'
  /** The same once more in a form that has to come back unchanged. */
  readonly reasoningDetails?: (text: string) => readonly JsonRecord[]
  /** Streamed tool calls: grown piece by piece, or whole in one chunk. */
  readonly toolCalls: 'fragments' | 'whole'
  readonly makeToolCallId: (random: () => number) => string
  /** A forced tool choice ends in `stop` although there are tool calls. */
  readonly forcedChoiceStops?: boolean
  /**
   * Streamed usage: on a chunk of its own after the finish chunk, without choices (`own-chunk`) or with an empty one
   * (`empty-choice`), or on the finish chunk itself.
   * `asked`: only with `stream_options.include_usage`.
   */
  readonly streamUsage: {
    readonly place: 'own-chunk' | 'empty-choice' | 'finish-chunk'
    readonly when: 'asked' | 'always'
  }
  readonly writeUsage: (usage: Required<ScriptedUsage>) => JsonRecord
  /** Further fields of every answer and chunk, such as a fingerprint. */
  readonly extras?: JsonRecord
  /** The comment (or blank line) sent as keep-alive. */
  readonly ping: string
  readonly errorAnswer: (error: RefusalFacts, random: () => number) => WireAnswer
  /** Body of the error chunk in a stream that has begun. */
  readonly streamError: (error: ErrorReply) => JsonRecord
  readonly keyRefusal: (key: string | undefined) => WireAnswer
  readonly unknownPath: (method: string, path: string) => WireAnswer
  readonly headers: (random: () => number) => Readonly<Record<string, string>>
  /** Length of an embedding when the request does not say; `undefined`: the vendor has no embeddings. */
  readonly embeddingDimensions?: (model: string) => number
  /** Ids that `/models` lists when the emulator was given none. */
  readonly models: readonly string[]
  readonly ownedBy: string
  /** Endpoints beyond chat, embeddings and models. */
  readonly endpoints?: readonly Endpoint[]
}

export interface MessageRules {
  /** Part types by role, instead of OpenAI's. */
  readonly parts?: Readonly<Record<string, readonly string[]>>
  /** @throws Refusal for a part that is not well formed; `true`: it is, and needs no other check. */
  readonly checkPart?: (part: JsonRecord, type: string, path: string) => boolean
  /** What ids of tool calls look like. Default: at most 40 characters. */
  readonly toolCallId?: { readonly pattern: RegExp; readonly refusal: (id: string) => string }
  /** An assistant message may be empty. Default `false`. */
  readonly mayBeEmpty?: boolean
}
