/** Two providers of one dialect on real sockets, one of which is about to fail, and a gateway in front of them. */
import { anthropic } from '@turnout/anthropic'
import {
  createGateway,
  isGatewayError,
  type Adapter,
  type CallOptions,
  type ChatResponse,
  type GatewayError,
  type ModelCapabilities,
} from '@turnout/core'
import { gemini } from '@turnout/gemini'
import { openai } from '@turnout/openai'
import {
  anthropicEmulator,
  geminiEmulator,
  openaiEmulator,
  type Emulator,
  type EmulatorReply,
  type Script,
} from '@turnout/testing/emulators'

export type Dialect = 'openai' | 'anthropic' | 'gemini'
export type Mode = 'chat' | 'stream'
export const DIALECTS: readonly Dialect[] = ['openai', 'anthropic', 'gemini']
export const MODES: readonly Mode[] = ['chat', 'stream']

/** Sixty words, a chunk each. */
export const WORDS = Array.from({ length: 60 }, (_, i) => `word${i + 1}`)
export const TEXT = WORDS.join(' ')

type Replies = Script<EmulatorReply>
interface Vendor {
  readonly emulate: (replies: Replies) => Promise<Emulator>
  readonly adapter: (baseURL: string) => Adapter
  readonly model: string
}
const apiKey = 'any-key'
const VENDORS: Readonly<Record<Dialect, Vendor>> = {
  openai: {
    emulate: (replies) => openaiEmulator({ replies }),
    adapter: (baseURL) => openai({ apiKey, baseURL, api: 'chat' }),
    model: 'gpt-4.1',
  },
  anthropic: {
    emulate: (replies) => anthropicEmulator({ replies }),
    adapter: (baseURL) => anthropic({ apiKey, baseURL }),
    model: 'claude-sonnet-4-5',
  },
  gemini: {
    emulate: (replies) => geminiEmulator({ replies }),
    adapter: (baseURL) => gemini({ apiKey, baseURL }),
    model: 'gemini-2.5-flash',
  },
}

/** How a call ended, as its caller saw it. */
export interface Ending {
  readonly text: string
  readonly answer?: ChatResponse
  readonly error?: GatewayError
  readonly tookMs: number
}

export interface Stage extends AsyncDisposable {
  readonly primary: Emulator
  readonly spare: Emulator
  readonly model: string
  call(options?: CallOptions): Promise<Ending>
}

export interface Scene {
  readonly primary: Replies
  /** Default: the whole text, or what is missing of it. */
  readonly spare?: Replies
  /** What the spare's model is said to be able to do. */
  readonly spareCan?: ModelCapabilities
}

export async function setStage(dialect: Dialect, mode: Mode, scene: Scene): Promise<Stage> {
  const { emulate, adapter, model } = VENDORS[dialect]
  const primary = await emulate(scene.primary)
  const spare = await emulate(scene.spare ?? continuing)
  const spareAdapter = adapter(spare.baseURL)
  const gateway = createGateway({
    providers: {
      primary: adapter(primary.baseURL),
      spare: scene.spareCan
        ? {
            ...spareAdapter,
            capabilities: () => ({ ...spareAdapter.capabilities?.(model), ...scene.spareCan }),
          }
        : spareAdapter,
    },
    routes: {
      story: {
        targets: [`primary/${model}`, `spare/${model}`],
        timeout: { firstTokenMs: 8_000, idleMs: 5_000 },
        rescue: 'continue',
      },
    },
  })
  const request = {
    model: 'story',
    messages: [{ role: 'user', content: 'Count.' }],
    max_tokens: 1_000,
  } as const

  return {
    primary,
    spare,
    model,
    async call(options) {
      const began = performance.now()
      let text = ''
      try {
        if (mode === 'chat') {
          const answer = await gateway.chat(request, options)
          text = answer.choices[0]?.message.content ?? ''
          return { text, answer, tookMs: performance.now() - began }
        }
        const stream = gateway.stream(request, options)
        for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
        return { text, answer: await stream.final(), tookMs: performance.now() - began }
      } catch (error) {
        if (!isGatewayError(error)) throw error
        return { text, error, tookMs: performance.now() - began }
      }
    },
    async [Symbol.asyncDispose]() {
      await gateway.close({ drainMs: 0 })
      await Promise.all([primary.close(), spare.close()])
    },
  }
}

/** Answers as a model would that is asked to go on: with what is missing of the text. */
export function continuing({ body }: { readonly body: unknown }): string {
  const asked = JSON.stringify(body)
  let delivered = 0
  while (delivered < WORDS.length && asked.includes(WORDS.slice(0, delivered + 1).join(' '))) delivered++
  return TEXT.slice(WORDS.slice(0, delivered).join(' ').length)
}
