import { chatVendor } from '../chat-completions/chat-vendor.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { startEmulator } from '../start-emulator.js'
import { openaiProfile } from './openai-profile.js'

/**
 * Starts a server that speaks OpenAI on the wire: Chat Completions, Responses, models, embeddings. Requests are
 * checked as OpenAI checks them, and refused in its words.
 *
 * @example
 * await using server = await openaiEmulator({ replies: ['Hello!', { error: 'rate_limited', retryAfterMs: 500 }] })
 * const client = new OpenAI({ baseURL: server.baseURL, apiKey: 'any' })
 */
export function openaiEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(chatVendor(openaiProfile), options)
}
