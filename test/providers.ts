/** Every provider of the house as one entry: its emulator, its adapter, and a model that sees, calls tools and reasons. */
import { anthropic } from '@turnout/anthropic'
import type { Adapter } from '@turnout/core'
import { deepseek } from '@turnout/deepseek'
import { gemini } from '@turnout/gemini'
import { mistral } from '@turnout/mistral'
import { openai } from '@turnout/openai'
import { openrouter } from '@turnout/openrouter'
import { qwen } from '@turnout/qwen'
import {
  anthropicEmulator,
  deepseekEmulator,
  geminiEmulator,
  mistralEmulator,
  openaiEmulator,
  openrouterEmulator,
  qwenEmulator,
  tokenmixEmulator,
  xaiEmulator,
  type Emulator,
  type EmulatorOptions,
} from '@turnout/testing/emulators'
import { tokenmix } from '@turnout/tokenmix'
import { xai } from '@turnout/xai'

export interface HouseProvider {
  readonly name: string
  readonly model: string
  readonly emulate: (options: EmulatorOptions) => Promise<Emulator>
  readonly adapter: (options: {
    readonly baseURL: string
    readonly apiKey: string | readonly string[]
  }) => Adapter
  /** `false`: the model has no eyes, so that a conversation with an image is refused before anything is sent. */
  readonly images: boolean
  /** Its reasoning is signed or encrypted, and has to come back as it was. */
  readonly signed: boolean
}

export const PROVIDERS: readonly HouseProvider[] = [
  { name: 'openai', model: 'gpt-4.1', emulate: openaiEmulator, adapter: openai, images: true, signed: false },
  {
    name: 'openai-responses',
    model: 'gpt-5.6',
    emulate: openaiEmulator,
    adapter: openai,
    images: true,
    signed: true,
  },
  {
    name: 'anthropic',
    model: 'claude-sonnet-4-5',
    emulate: anthropicEmulator,
    adapter: anthropic,
    images: true,
    signed: true,
  },
  {
    name: 'gemini',
    model: 'gemini-3-pro-preview',
    emulate: geminiEmulator,
    adapter: gemini,
    images: true,
    signed: true,
  },
  {
    name: 'mistral',
    model: 'mistral-small-latest',
    emulate: mistralEmulator,
    adapter: mistral,
    images: true,
    signed: false,
  },
  {
    name: 'deepseek',
    model: 'deepseek-v4-flash',
    emulate: deepseekEmulator,
    adapter: deepseek,
    images: false,
    signed: false,
  },
  { name: 'qwen', model: 'qwen3-vl-plus', emulate: qwenEmulator, adapter: qwen, images: true, signed: false },
  {
    name: 'openrouter',
    model: 'anthropic/claude-sonnet-4.6',
    emulate: openrouterEmulator,
    adapter: openrouter,
    images: true,
    signed: true,
  },
  {
    name: 'tokenmix',
    model: 'claude-sonnet-4-6',
    emulate: tokenmixEmulator,
    adapter: tokenmix,
    images: true,
    signed: false,
  },
  {
    name: 'xai',
    model: 'grok-4.5',
    emulate: xaiEmulator,
    adapter: xai,
    images: true,
    signed: false,
  },
  {
    name: 'xai-responses',
    model: 'grok-4.5',
    emulate: xaiEmulator,
    adapter: (options) => xai({ ...options, api: 'responses' }),
    images: true,
    signed: true,
  },
]
