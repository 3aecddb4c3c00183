/** What the client asks of the upstream in a call, and the text that it must get for it: another one for each call. */
import { createHash } from 'node:crypto'

export interface Task {
  /** The call's number, of which its text is made. */
  readonly call: number
  readonly chunks: number
  /** From the first chunk to the last one, in milliseconds; 0: as fast as the reader takes them. */
  readonly spanMs: number
  /** Characters of a chunk; without it some thirty. */
  readonly chunkChars?: number
  /** Nothing is said before so many calls are there at once; or a minute has gone by. */
  readonly gather?: number
  /** What goes wrong, at the attempt after so many others of this call. */
  readonly fault?: { readonly kind: FaultKind; readonly attempts: number }
}

export const FAULT_KINDS = ['http-500', 'http-429', 'reset', 'cut', 'broken-json', 'no-end'] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

const PROMPT_CHARS = 1_000
const FILLER = 'Say what this change does and whether it may be merged. '.repeat(20)

/** A prompt of 1 kB that begins with the task. */
export const promptOf = (task: Task): string => `${JSON.stringify(task)}\n${FILLER}`.slice(0, PROMPT_CHARS)

export const taskIn = (prompt: string): Task => JSON.parse(prompt.slice(0, prompt.indexOf('\n'))) as Task

/** Letters of two bytes are in it, so that a cut between bytes would show. */
export function pieceOf({ call, chunkChars }: Task, index: number): string {
  const mixed = (Math.imul(call + 1, 2_654_435_761) ^ Math.imul(index + 1, 40_503)) >>> 0
  const piece = ` für ${call} kommt ${index}: ${mixed.toString(36)}`
  return chunkChars === undefined ? piece : piece.padEnd(chunkChars, 'x')
}

/** The whole text. */
export function textOf(task: Task): string {
  let text = ''
  for (let index = 0; index < task.chunks; index++) text += pieceOf(task, index)
  return text
}

/** The sha-256 of the whole text, in hex. */
export function hashOf(task: Task): string {
  const hash = createHash('sha256')
  for (let index = 0; index < task.chunks; index++) hash.update(pieceOf(task, index))
  return hash.digest('hex')
}
