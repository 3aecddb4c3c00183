import type { Emulator, EmulatorOptions } from '../emulator.js'
import { startEmulator } from '../start-emulator.js'
import type { ChatProfile } from './chat-profile.js'
import { chatVendor } from './chat-vendor.js'

/**
 * Starts a server of another vendor that speaks Chat Completions: the profile says what differs from OpenAI.
 *
 * @example
 * const acme: ChatProfile = { ...openaiProfile, name: 'acme', endpoints: undefined, reasoningField: 'reasoning_content' }
 * await using server = await chatCompletionsEmulator(acme, { replies: 'Hello!' })
 */
export function chatCompletionsEmulator(
  profile: ChatProfile,
  options: EmulatorOptions = {},
): Promise<Emulator> {
  return startEmulator(chatVendor(profile), options)
}
