import { randomUUID } from 'node:crypto'
import type { ToolCallDelta } from '../contract/chat-response.js'
import { GatewayError } from '../errors/gateway-error.js'
import { amountOf, ANSWER_BOUNDS } from './answer-bounds.js'

export interface ToolCallPiece {
  readonly id?: string | null
  readonly name?: string | null
  readonly arguments?: string | null
}

/** Turns a provider's fragments of tool calls into deltas that keep the chunk invariants. One per choice. */
export interface ToolCallAssembler {
  /**
   * Takes one fragment; `undefined` while id and name are not both known, or when it brings nothing new.
   *
   * @param key the provider's own identity of the call: index, item id, block index
   */
  push(key: string | number, piece: ToolCallPiece): ToolCallDelta | undefined
  /** Calls begun so far. */
  count(): number
  /**
   * Deltas still held back, at the end of the choice: a call without an id gets one.
   *
   * @throws GatewayError `bad_response` for a call whose name never came
   */
  flush(): readonly ToolCallDelta[]
}

interface Call {
  id: string
  name: string
  /** Held back until the first delta goes out. */
  held: string
  argumentChars: number
  /** -1 until the first delta goes out: indexes then have no gaps in the order of delivery. */
  index: number
}

/**
 * @param seed such as the answer's id: made-up ids then are the same for stream and whole answer. Random without.
 * @param maxArgumentChars of one call, from `context.bounds`: far beyond any real one, a model that loops is stopped there
 * @example
 * const calls = createToolCallAssembler(head.id)
 * calls.push(0, { id: 'call_1', name: 'weather', arguments: '' }) // { index: 0, id: 'call_1', type: 'function', … }
 * calls.push(0, { arguments: '{"city":' })                        // { index: 0, function: { arguments: '{"city":' } }
 */
export function createToolCallAssembler(
  seed?: string,
  maxArgumentChars = ANSWER_BOUNDS.maxToolArgumentChars,
): ToolCallAssembler {
  const calls: Call[] = []
  const byKey = new Map<string | number, Call>()
  let delivered = 0

  const begin = (key: string | number): Call => {
    const call: Call = { id: '', name: '', held: '', argumentChars: 0, index: -1 }
    calls.push(call)
    byKey.set(key, call)
    return call
  }

  const open = (call: Call): ToolCallDelta => {
    call.index = delivered++
    if (call.id === '') call.id = madeUpToolCallId(seed, call.index)
    const text = call.held
    call.held = ''
    return {
      index: call.index,
      id: call.id,
      type: 'function',
      function: { name: call.name, arguments: text },
    }
  }

  return {
    push(key, piece) {
      let call = byKey.get(key)
      // Some servers give every parallel call the same index: a new id with a name is a new call.
      if (call === undefined || (call.index >= 0 && piece.id && piece.name && piece.id !== call.id))
        call = begin(key)
      const namedBefore = call.name !== ''
      // Later fragments repeat id and name, or blank them: the first that says something counts.
      if (call.id === '' && piece.id) call.id = piece.id
      if (call.name === '' && piece.name) call.name = piece.name
      const text = piece.arguments ?? ''
      call.argumentChars += text.length
      checkToolArguments(call.name, call.argumentChars, maxArgumentChars)
      if (call.index >= 0)
        return text === '' ? undefined : { index: call.index, function: { arguments: text } }
      call.held += text
      // Arguments that follow a name and still no id: this provider has none.
      return call.name !== '' && (call.id !== '' || (namedBefore && text !== '')) ? open(call) : undefined
    },
    count: () => calls.length,
    flush() {
      const held = calls.filter((call) => call.index < 0)
      if (held.some((call) => call.name === '')) {
        throw new GatewayError({
          code: 'bad_response',
          message: 'the provider sent a tool call without a name',
        })
      }
      return held.map(open)
    },
  }
}

/** @throws GatewayError `bad_response` for arguments that are too long */
export function checkToolArguments(
  name: string,
  chars: number,
  maxChars = ANSWER_BOUNDS.maxToolArgumentChars,
): void {
  if (chars <= maxChars) return
  throw new GatewayError({
    code: 'bad_response',
    message: `the arguments of tool call "${name.slice(0, 64)}" exceed ${amountOf(maxChars)} characters; raise \`bounds.maxToolArgumentChars\` of the adapter if that is right`,
  })
}

/** The id of a call to which the provider gave none. */
export function madeUpToolCallId(seed: string | undefined, index: number): string {
  return `call_${seed === undefined ? randomUUID().replaceAll('-', '').slice(0, 24) : digest(`${seed}/${index}`, 24)}`
}

export interface ToolCallIdRule {
  readonly maxLength: number
  /** `word`: `[A-Za-z0-9_-]`, `alnum`: `[A-Za-z0-9]`; absent: anything. */
  readonly pattern?: 'alnum' | 'word'
  readonly exactLength?: number
}

const ID_PATTERNS = { alnum: /^[A-Za-z0-9]+$/, word: /^[A-Za-z0-9_-]+$/ }

/** `id` when it keeps the target's rule, else a digest of it: always the same, so that calls and results still match. */
export function mapToolCallId(id: string, rule: ToolCallIdRule): string {
  const { maxLength, pattern, exactLength } = rule
  const fits =
    id !== '' &&
    id.length <= maxLength &&
    (exactLength === undefined || id.length === exactLength) &&
    (pattern === undefined || ID_PATTERNS[pattern].test(id))
  return fits ? id : digest(id, exactLength ?? Math.min(maxLength, 24))
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/**
 * Letters and digits only, so that every rule takes it. No secret is kept by it: a mix of 128 bits does, where SHA-256
 * would cost more than all else that a conversation with many calls is encoded by.
 */
function digest(text: string, length: number): string {
  const lanes = [0x9e3779b9, 0x85ebca6b, 0xc2b2ae35, 0x27d4eb2f] as [number, number, number, number]
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    lanes[0] = Math.imul(lanes[0] ^ unit, 0x01000193)
    lanes[1] = Math.imul(lanes[1] ^ unit ^ lanes[0], 0x5bd1e995)
    lanes[2] = Math.imul(lanes[2] ^ unit ^ (lanes[1] >>> 13), 0x1b873593)
    lanes[3] = Math.imul(lanes[3] ^ unit ^ (lanes[2] >>> 16), 0x2c1b3c6d)
  }
  let letters = ''
  for (let i = 0; i < length; i++) {
    const lane = i & 3
    let mixed = (lanes[lane] as number) ^ (lanes[(lane + 1) & 3] as number) ^ i
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    mixed ^= mixed >>> 16
    lanes[lane] = mixed
    letters += ALPHABET[(mixed >>> 0) % 62] as string
  }
  return letters
}
