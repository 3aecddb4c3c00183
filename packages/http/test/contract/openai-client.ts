/** The `openai` package in front of a scripted provider. */
import OpenAI, { type ClientOptions } from 'openai'
import { createGateway, type GatewayOptions, type Gateway } from '@turnout/core'
import { mockAdapter, type MockAdapter, type MockReply, type Script } from '@turnout/testing'
import type { FetchOptions } from '../../src/index.js'
import type { Stage } from './scenario.js'

export interface OpenAIStage {
  readonly client: OpenAI
  readonly mock: MockAdapter
  readonly gateway: Gateway
}

export interface OpenAISetting {
  readonly client?: ClientOptions
  readonly gateway?: Omit<GatewayOptions, 'providers'>
  readonly surface?: FetchOptions
}

/** The client as users make it, with its own retries as they are by default. */
export async function openaiClient(
  stage: Stage,
  script?: Script<MockReply>,
  setting: OpenAISetting = {},
): Promise<OpenAIStage> {
  const mock = mockAdapter(script)
  const { defaults, ...rest } = setting.gateway ?? {}
  const gateway = createGateway({ ...rest, providers: { mock }, defaults: { maxAttempts: 1, ...defaults } })
  const { origin, fetch } = await stage.serve(gateway, setting.surface)
  const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'unused', fetch, ...setting.client })
  return { client, mock, gateway }
}

export const MODEL = 'mock/some-model'
export const messages = [{ role: 'user' as const, content: 'Say hello.' }]

/** What a promise failed with. */
export const failure = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    (value) => {
      throw new Error(`it did not fail, but gave ${JSON.stringify(value)}`)
    },
    (error: unknown) => error,
  )
