import { createHash } from 'node:crypto'
import type { SharedCounter } from '@turnout/core'

/** Longer ones are hashed, and so is what is not plain ASCII: texts that differ must not become the same bytes. */
const PLAIN = /^[\x21-\x7e]{0,64}$/

/**
 * The key of a counter: each part with its length before it, so that no two counters have the same one whatever their
 * values hold.
 *
 * @example counterKey('turnout:', { limit: 'l', per: ['tenant'], scope: ['acme'], windowMs: 60_000, max })
 * // 'turnout:c:1:l5:600006:tenant4:acme'
 */
export function counterKey(prefix: string, { limit, per, scope, windowMs }: SharedCounter): string {
  const parts = [limit, String(windowMs), ...per, ...scope]
  return `${prefix}c:${parts.map(part).join('')}`
}

function part(text: string): string {
  if (PLAIN.test(text)) return `${text.length}:${text}`
  const digest = createHash('sha256').update(Buffer.from(text, 'utf16le')).digest('base64url')
  return `#${digest}`
}
