import type { DeadLetter, DeadLetterQuery, DeadLetterStore } from '../contract/dead-letter.js'

export interface MemoryDeadLetterOptions {
  /** Default 1,000. */
  readonly maxEntries?: number
  /** UTF-16 units of all letters, as JSON. Default 32 Mi. */
  readonly maxChars?: number
  /** Milliseconds since 1970. */
  readonly now?: () => number
}

export interface MemoryDeadLetters extends DeadLetterStore {
  /** Letters that gave way to newer ones, or were larger than all may be. */
  dropped(): number
}

const MAX_ENTRIES = 1_000
const MAX_CHARS = 32 * 1024 * 1024
const DEFAULT_LIMIT = 100

/** Keeps letters in this process: bounded by count, size and age; the oldest give way. */
export function createMemoryDeadLetters({
  maxEntries = MAX_ENTRIES,
  maxChars = MAX_CHARS,
  now = Date.now,
}: MemoryDeadLetterOptions = {}): MemoryDeadLetters {
  /** The oldest first. */
  const letters = new Map<string, { readonly letter: DeadLetter; readonly chars: number }>()
  let chars = 0
  let dropped = 0
  const remove = (id: string): boolean => {
    const found = letters.get(id)
    if (!found) return false
    chars -= found.chars
    return letters.delete(id)
  }
  const forgetExpired = (): void => {
    const nowMs = now()
    for (const [id, { letter }] of letters) if (letter.expiresAt <= nowMs) remove(id)
  }
  return {
    dropped: () => dropped,
    add(letter) {
      forgetExpired()
      remove(letter.id)
      const size = JSON.stringify(letter).length
      if (size > maxChars) {
        // All others would have to go for it, and it would not fit even then.
        dropped++
        return
      }
      letters.set(letter.id, { letter, chars: size })
      chars += size
      for (const id of letters.keys()) {
        if (letters.size <= maxEntries && chars <= maxChars) break
        remove(id)
        dropped++
      }
    },
    list(query = {}) {
      forgetExpired()
      const { limit = DEFAULT_LIMIT } = query
      const found = [...letters.values()].map(({ letter }) => letter).filter((letter) => fits(letter, query))
      return Promise.resolve(found.toReversed().slice(0, limit))
    },
    get(id) {
      forgetExpired()
      return Promise.resolve(letters.get(id)?.letter)
    },
    delete: (id) => Promise.resolve(remove(id)),
    close() {
      letters.clear()
      chars = 0
    },
  }
}

/** Whether a letter is among those asked for. */
export const fits = (letter: DeadLetter, { model, tenant, code }: DeadLetterQuery): boolean =>
  (model === undefined || letter.model === model) &&
  (tenant === undefined || letter.tenant === tenant) &&
  (code === undefined || letter.error.code === code)
