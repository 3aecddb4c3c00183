/** Thought signatures: opaque to clients, and checked when they come back. */
import { createHash } from 'node:crypto'
import { textOf, type JsonRecord } from '../read-json.js'

/** The documented way to skip the check, for calls that another model made. */
const PLACEHOLDERS = ['skip_thought_signature_validator', 'context_engineering_is_the_way_to_go']

export function signFunctionCall(name: string, args: unknown): string {
  return sign(`call:${name}:${JSON.stringify(args)}`)
}

export function signText(text: string): string {
  return sign(`text:${text}`)
}

/** The signature of this very call, or a placeholder. */
export function isCallSignature(signature: string, call: JsonRecord): boolean {
  return (
    PLACEHOLDERS.includes(signature) ||
    signature === signFunctionCall(textOf(call['name']), call['args'] ?? {})
  )
}

/** Gemini 3 and later want signatures back. */
export function wantsSignatures(model: string): boolean {
  return /^gemini-[3-9]/.test(model)
}

function sign(subject: string): string {
  return Buffer.from(`emulator ${createHash('sha256').update(subject).digest('hex')}`).toString('base64')
}
