/** Signatures of thinking blocks: made from the text, so that an edited or foreign block is found out. */
import { createHash } from 'node:crypto'

export function signThinking(text: string): string {
  return `Emu${createHash('sha256').update(`thinking:${text}`).digest('base64')}`
}

/** An empty text is the `omitted` display of some other text: then any signature of ours is good. */
export function isThinkingSignature(signature: string, text: string): boolean {
  return text === '' ? /^Emu[A-Za-z0-9+/=]{44}$/.test(signature) : signature === signThinking(text)
}
