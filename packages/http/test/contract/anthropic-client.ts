/** The `@anthropic-ai/sdk` package in front of a scripted provider, or of our own adapter and an emulated Anthropic. */
import Anthropic, { type ClientOptions } from '@anthropic-ai/sdk'
import { anthropic } from '@turnout/anthropic'
import { createGateway, type Gateway, type GatewayOptions } from '@turnout/core'
import { mockAdapter, type MockAdapter, type MockReply, type Script } from '@turnout/testing'
import { anthropicEmulator, type Emulator, type EmulatorReply } from '@turnout/testing/emulators'
import type { FetchOptions } from '../../src/index.js'
import type { Stage } from './scenario.js'

export interface AnthropicSetting {
  readonly client?: ClientOptions
  readonly gateway?: Omit<GatewayOptions, 'providers'>
  readonly surface?: FetchOptions
}

async function connect(stage: Stage, gateway: Gateway, setting: AnthropicSetting): Promise<Anthropic> {
  const { origin, fetch } = await stage.serve(gateway, setting.surface)
  // With its own retries as they are by default.
  return new Anthropic({ baseURL: origin, apiKey: 'unused', fetch, ...setting.client })
}

/** In front of any provider. */
export async function mockedClient(
  stage: Stage,
  script?: Script<MockReply>,
  setting: AnthropicSetting = {},
): Promise<{ readonly client: Anthropic; readonly mock: MockAdapter }> {
  const mock = mockAdapter(script)
  const { defaults, ...rest } = setting.gateway ?? {}
  const gateway = createGateway({ ...rest, providers: { mock }, defaults: { maxAttempts: 1, ...defaults } })
  return { client: await connect(stage, gateway, setting), mock }
}

/** In front of adapters of your own. */
export const providerClient = (stage: Stage, providers: GatewayOptions['providers']): Promise<Anthropic> =>
  connect(stage, createGateway({ providers, defaults: { maxAttempts: 1 } }), {})

export interface MirrorStage extends AsyncDisposable {
  /** Through surface, gateway and adapter. */
  readonly client: Anthropic
  /** The same package, straight to the emulator. */
  readonly bare: Anthropic
  readonly server: Emulator
}

/** In front of Anthropic. */
export async function mirrorClient(
  stage: Stage,
  replies: Script<EmulatorReply> = 'Yes.',
  setting: AnthropicSetting = {},
): Promise<MirrorStage> {
  const server = await anthropicEmulator({ replies })
  const { defaults, ...rest } = setting.gateway ?? {}
  const gateway = createGateway({
    ...rest,
    providers: { anthropic: anthropic({ apiKey: 'upstream-key', baseURL: server.baseURL }) },
    defaults: { maxAttempts: 1, ...defaults },
  })
  return {
    client: await connect(stage, gateway, setting),
    bare: new Anthropic({
      baseURL: server.baseURL,
      apiKey: 'any',
      maxRetries: 0,
      // The one that the adapter names: which it is depends on the client's own version otherwise.
      defaultHeaders: { 'anthropic-version': '2023-06-01' },
    }),
    server,
    [Symbol.asyncDispose]: () => server.close(),
  }
}

export const MODEL = 'mock/some-model'
export const ask = {
  model: MODEL,
  max_tokens: 1_000,
  messages: [{ role: 'user' as const, content: 'Say hello.' }],
}
/** As Anthropic itself knows the model: routes and bare ids work as well. */
export const CLAUDE = 'claude-haiku-4-5'

export const failed = (call: PromiseLike<unknown>): Promise<unknown> =>
  Promise.resolve(call).then(
    () => undefined,
    (error: unknown) => error,
  )
