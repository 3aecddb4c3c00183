import { mapToolCallId } from '@turnout/core/adapter'

/** Letters, digits, `_` and `-`; the length is ours, all ids seen are shorter. */
const RULE = { maxLength: 64, pattern: 'word' } as const

/** Ids of tool calls on the wire: allowed characters only, and no id twice in one conversation. */
export interface ToolIds {
  /** An assistant turn begins: calls before it take no more results. Returns the id of a call without a result. */
  beginTurn(): string | undefined
  /** The wire id of a call. */
  call(id: string): string
  /** A call whose block is sent as the provider wrote it. */
  replayed(id: string): void
  /** The wire id that a result answers; `undefined` when no call is open under this id. */
  result(id: string): string | undefined
}

export function createToolIds(): ToolIds {
  const used = new Set<string>()
  /** Wire ids still without a result, by the caller's id: some clients repeat an id within one turn. */
  let open = new Map<string, string[]>()
  const register = (id: string, wire: string): void => {
    used.add(wire)
    const waiting = open.get(id)
    if (waiting) waiting.push(wire)
    else open.set(id, [wire])
  }
  return {
    beginTurn() {
      for (const [id, waiting] of open) if (waiting.length > 0) return id
      open = new Map()
      return undefined
    },
    call(id) {
      let wire = mapToolCallId(id, RULE)
      for (let again = 2; used.has(wire); again++) wire = mapToolCallId(`${id}#${again}`, RULE)
      register(id, wire)
      return wire
    },
    replayed: (id) => register(id, id),
    result: (id) => open.get(id)?.shift(),
  }
}
