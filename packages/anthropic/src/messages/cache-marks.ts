import { changeSetting, dropSetting, type CacheControl, type ProtocolContext } from '@turnout/core/adapter'
import type { WireBlock, WireTool } from './wire-types.js'

/** The API takes four breakpoints in one request. */
const BREAKPOINT_LIMIT = 4

type Markable = Pick<WireBlock | WireTool, 'cache_control'>

/** Collects cache breakpoints in prefix order: tools, system, messages. */
export interface CacheMarks {
  add(block: Markable, control: CacheControl | undefined, path: string): void
  /** Keeps to the API's rules: the number of breakpoints, and hours before minutes. */
  settle(taken: number): void
}

export function createCacheMarks(context: ProtocolContext): CacheMarks {
  const marks: { readonly block: Markable; readonly path: string }[] = []
  return {
    add(block, control, path) {
      if (!control) return
      block.cache_control =
        control.ttl === undefined ? { type: 'ephemeral' } : { type: 'ephemeral', ttl: control.ttl }
      marks.push({ block, path: `${path}.cache_control` })
    },
    settle(taken) {
      const limit = BREAKPOINT_LIMIT - taken
      // The first holds the most stable prefix, the last ones the most text.
      while (marks.length > limit) {
        const [surplus] = marks.splice(limit > 1 ? 1 : 0, 1)
        if (!surplus) break
        delete surplus.block.cache_control
        dropSetting(context, surplus.path, `Anthropic takes at most ${BREAKPOINT_LIMIT} cache breakpoints`)
      }
      let minutes = false
      for (const { block, path } of marks) {
        if (block.cache_control?.ttl !== '1h') minutes = true
        else if (minutes) {
          block.cache_control = { type: 'ephemeral' }
          changeSetting(context, path, 'entries of one hour must stand before those of five minutes')
        }
      }
    },
  }
}
