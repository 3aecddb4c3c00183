import { isValid } from './key-scope.js'
import type { KeyStore } from './virtual-key.js'

/** How often the keys of open streams are looked at: a revoked one is done within twice that. */
const LOOK_MS = 400

/** Ends what keys have open when they are no longer good. */
export interface KeyWatch {
  /**
   * @param sha256 of the key
   * @param end called once, when the key has been revoked, has expired or is gone
   * @returns the removal
   */
  watch(sha256: string, end: () => void): () => void
}

/** Looks only while something is open; keeps no process alive. */
export function watchKeys(keys: KeyStore): KeyWatch {
  const open = new Map<string, Set<() => void>>()
  let timer: NodeJS.Timeout | undefined

  const isGood = async (sha256: string): Promise<boolean> => {
    try {
      const key = await keys.find(sha256)
      return key !== undefined && isValid(key, Date.now())
    } catch {
      // A store that is out for a while ends nobody's answer.
      return true
    }
  }
  const look = async (): Promise<void> => {
    await Promise.all(
      [...open.keys()].map(async (sha256) => {
        if (await isGood(sha256)) return
        const ends = open.get(sha256)
        open.delete(sha256)
        for (const end of ends ?? []) end()
      }),
    )
    schedule()
  }
  const schedule = (): void => {
    timer = open.size === 0 ? undefined : setTimeout(() => void look(), LOOK_MS).unref()
  }

  return {
    watch(sha256, end) {
      let ends = open.get(sha256)
      if (!ends) open.set(sha256, (ends = new Set()))
      ends.add(end)
      if (!timer) schedule()
      return () => {
        ends.delete(end)
        if (ends.size === 0 && open.get(sha256) === ends) open.delete(sha256)
      }
    },
  }
}
