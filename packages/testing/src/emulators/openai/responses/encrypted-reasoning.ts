/** Encrypted reasoning: opaque to clients, and checked when it comes back. */
import { createHash } from 'node:crypto'

export function encryptReasoning(text: string): string {
  const digest = createHash('sha256').update(`reasoning:${text}`).digest('base64url')
  return `gAAAAAemulator${digest}`
}

export function isEncryptedReasoning(content: string): boolean {
  return /^gAAAAAemulator[A-Za-z0-9_-]{43}$/.test(content)
}
