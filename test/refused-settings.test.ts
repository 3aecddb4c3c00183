/** A model whose rules are not known yet refuses a setting by name: it is asked once more without it. */
import { anthropic } from '@turnout/anthropic'
import { createGateway, type Adapter } from '@turnout/core'
import { gemini } from '@turnout/gemini'
import {
  anthropicEmulator,
  geminiEmulator,
  type Emulator,
  type EmulatorOptions,
} from '@turnout/testing/emulators'
import { describe, expect, it } from 'vitest'

interface Vendor {
  readonly emulate: (options: EmulatorOptions) => Promise<Emulator>
  readonly adapter: (options: { readonly baseURL: string; readonly apiKey: string }) => Adapter
  readonly model: string
}
const ANTHROPIC: Vendor = { emulate: anthropicEmulator, adapter: anthropic, model: 'claude-sonnet-4-5' }
const GEMINI: Vendor = { emulate: geminiEmulator, adapter: gemini, model: 'gemini-2.5-flash' }

describe.each([
  ['temperature: Extra inputs are not permitted', 'temperature', ANTHROPIC],
  ['`top_k` is not supported for this model.', 'top_k', ANTHROPIC],
  ['stop_sequences: Extra inputs are not permitted', 'stop', ANTHROPIC],
  ['`temperature` is deprecated for this model.', 'temperature', ANTHROPIC],
  [
    'Invalid JSON payload received. Unknown name "topK" at \'generation_config\': Cannot find field.',
    'top_k',
    GEMINI,
  ],
  ['Thinking level is not supported for this model.', 'reasoning_effort', GEMINI],
  ['Logprobs is not supported for this model', 'logprobs', GEMINI],
] as const)('%s', (message, setting, { emulate, adapter, model }) => {
  it(`is answered by leaving out ${setting}`, async () => {
    await using server = await emulate({ replies: [{ error: 'invalid_request', message }, 'Hello.'] })
    await using gateway = createGateway({
      providers: { house: adapter({ baseURL: server.baseURL, apiKey: 'key' }) },
    })
    const settings = {
      temperature: 0.5,
      top_k: 5,
      stop: ['x'],
      reasoning_effort: 'low',
      logprobs: true,
    } as const
    const answer = await gateway.chat({
      model: `house/${model}`,
      messages: [{ role: 'user', content: 'Hi' }],
      max_tokens: 4_000,
      [setting]: settings[setting],
    })
    expect(answer.choices[0]?.message.content).toBe('Hello.')
    expect(server.requests).toHaveLength(2)
    expect(answer.gateway.warnings).toContainEqual(
      expect.objectContaining({ code: 'setting_dropped', path: setting }),
    )
    const [first, second] = server.requests.map(({ body }) => JSON.stringify(body))
    expect(second!.length).toBeLessThan(first!.length)
  })
})

it.each([
  ['messages: roles must alternate', ANTHROPIC],
  ['Invalid JSON payload received. Unknown name "widget": Cannot find field.', GEMINI],
] as const)('%s: is the caller’s to mend', async (message, { emulate, adapter, model }) => {
  await using server = await emulate({ replies: { error: 'invalid_request', message } })
  await using gateway = createGateway({
    providers: { house: adapter({ baseURL: server.baseURL, apiKey: 'key' }) },
  })
  const asked = gateway.chat({
    model: `house/${model}`,
    messages: [{ role: 'user', content: 'Hi' }],
    max_tokens: 99,
  })
  await expect(asked).rejects.toMatchObject({ code: 'invalid_request' })
  expect(server.requests).toHaveLength(1)
})
