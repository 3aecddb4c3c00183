import type { ReasoningDetail } from '@turnout/core'

type Writable = { -readonly [Key in keyof ReasoningDetail]: ReasoningDetail[Key] }

/** Pieces of reasoning details put together: those of one `type`, `index` and `id` are one detail. */
export interface DetailJoiner {
  add(pieces: readonly ReasoningDetail[]): void
  /** What came since the last time; `undefined` for nothing. */
  take(): readonly ReasoningDetail[] | undefined
}

export function createDetailJoiner(): DetailJoiner {
  let details: Writable[] = []
  const known = ({ type, index, id }: ReasoningDetail): Writable | undefined =>
    index === undefined
      ? undefined
      : details.findLast(
          (detail) =>
            detail.type === type &&
            detail.index === index &&
            (id === undefined || detail.id === undefined || detail.id === id),
        )
  return {
    add(pieces) {
      for (const piece of pieces) {
        const detail = known(piece)
        if (!detail) {
          details.push({ ...piece })
          continue
        }
        for (const field of ['text', 'summary', 'data', 'signature'] as const) {
          if (piece[field] !== undefined) detail[field] = (detail[field] ?? '') + piece[field]
        }
        detail.id = piece.id ?? detail.id
        detail.format = piece.format ?? detail.format
      }
    },
    take() {
      if (details.length === 0) return undefined
      const taken = details
      details = []
      return taken
    },
  }
}
