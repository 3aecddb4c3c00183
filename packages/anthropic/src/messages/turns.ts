import type { WireBlock, WireMessage } from './wire-types.js'

/** Puts blocks into turns: neighbours of one role are merged, tool results stand first in theirs. */
export interface Turns {
  user(blocks: readonly WireBlock[]): void
  result(block: WireBlock): void
  assistant(blocks: readonly WireBlock[]): void
  system(blocks: readonly WireBlock[]): void
  /** Role of the turn so far; `undefined` before the first. */
  role(): WireMessage['role'] | undefined
  /** Blocks of the last assistant turn, wherever it stands. */
  lastAssistant(): readonly WireBlock[]
  /** Takes the white space off the end of a final assistant turn; the turn itself when nothing is left. */
  trimEnd(): void
  messages(): readonly WireMessage[]
}

interface Turn {
  readonly role: WireMessage['role']
  readonly results: WireBlock[]
  readonly blocks: WireBlock[]
}

/** What a conversation begins with that would begin with the assistant, or with nothing. */
export const OPENING = 'Begin.'

export function createTurns(): Turns {
  const turns: Turn[] = []
  const turnOf = (role: Turn['role']): Turn => {
    const last = turns.at(-1)
    if (last?.role === role) return last
    const before = turns.at(-2)
    if (role === 'user' && last?.role === 'system' && before?.role === 'user') {
      // The assistant's turn between them was empty: a system turn may not stand before a user's.
      turns.pop()
      before.blocks.push(...last.blocks)
      return before
    }
    const turn: Turn = { role, results: [], blocks: [] }
    turns.push(turn)
    return turn
  }
  const append = (role: Turn['role'], blocks: readonly WireBlock[]): void => {
    if (blocks.length > 0) turnOf(role).blocks.push(...blocks)
  }
  return {
    user: (blocks) => append('user', blocks),
    result: (block) => void turnOf('user').results.push(block),
    assistant: (blocks) => append('assistant', blocks),
    system: (blocks) => append('system', blocks),
    role: () => turns.at(-1)?.role,
    lastAssistant: () => turns.findLast((turn) => turn.role === 'assistant')?.blocks ?? [],
    trimEnd() {
      const turn = turns.at(-1)
      const last = turn?.blocks.at(-1)
      if (turn?.role !== 'assistant' || last?.type !== 'text' || typeof last['text'] !== 'string') return
      const text = last['text'].trimEnd()
      if (text.length === last['text'].length) return
      turn.blocks.pop()
      if (text !== '') turn.blocks.push({ ...last, text })
      if (turn.blocks.length === 0) turns.pop()
    },
    messages: () => turns.map(toMessage),
  }
}

function toMessage({ role, results, blocks }: Turn): WireMessage {
  const content = results.length === 0 ? blocks : [...results, ...blocks]
  const [only] = content
  const plain = content.length === 1 && only?.type === 'text' && isPlain(only) ? only['text'] : undefined
  return { role, content: typeof plain === 'string' ? plain : content }
}

/** Nothing but `type` and `text`. */
function isPlain(block: WireBlock): boolean {
  for (const field in block) if (field !== 'type' && field !== 'text') return false
  return true
}
