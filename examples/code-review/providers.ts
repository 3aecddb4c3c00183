/**
 * The providers of the demo. Each is the real one when its key is set, else an emulator: a server on a loopback
 * port that speaks the provider's own protocol, so that the gateway does over HTTP what it would do out there.
 */
import { anthropic } from '@turnout/anthropic'
import { gemini } from '@turnout/gemini'
import { openai } from '@turnout/openai'
import { anthropicEmulator, geminiEmulator, openaiEmulator, type Emulator } from '@turnout/testing/emulators'
import { scriptedReview } from './scripted-reviews.js'

export async function openProviders() {
  const emulators: Emulator[] = []
  const emulate = async (starting: Promise<Emulator>) => {
    const emulator = await starting
    emulators.push(emulator)
    return { apiKey: 'none-needed', baseURL: emulator.baseURL }
  }
  const replies = scriptedReview
  const hasKey = (variable: string) => Boolean(process.env[variable])

  const adapters = {
    gemini: gemini(hasKey('GEMINI_API_KEY') ? {} : await emulate(geminiEmulator({ replies }))),
    anthropic: anthropic(hasKey('ANTHROPIC_API_KEY') ? {} : await emulate(anthropicEmulator({ replies }))),
    openai: openai(hasKey('OPENAI_API_KEY') ? {} : await emulate(openaiEmulator({ replies }))),
    // Fails on purpose, with keys as without: Anthropic on the wire, overloaded for ever.
    flaky: anthropic(
      await emulate(anthropicEmulator({ replies: { error: 'overloaded', headersDelayMs: 60 } })),
    ),
  }
  return {
    adapters,
    /** Names of the providers that are not the real ones. */
    emulated: ['gemini', 'anthropic', 'openai'].filter((name) => !hasKey(`${name.toUpperCase()}_API_KEY`)),
    close: async () => {
      await Promise.all(emulators.map((emulator) => emulator.close()))
    },
  }
}
