/** A key is taken away while calls go on: the next one of the list serves, without a storm of retries. */
import { createGateway } from '@turnout/core'
import { traceOf } from '@turnout/testing'
import { describe, expect, it } from 'vitest'
import { PROVIDERS } from './providers.js'

describe.each(PROVIDERS.map((provider) => [provider.name, provider] as const))('%s', (name, provider) => {
  it('goes on with the next key when one is refused', async () => {
    await using server = await provider.emulate({ replies: 'Hello.', apiKeys: ['good'] })
    await using gateway = createGateway({
      providers: { [name]: provider.adapter({ baseURL: server.baseURL, apiKey: ['revoked', 'good'] }) },
    })
    const ask = () =>
      gateway.chat({
        model: `${name}/${provider.model}`,
        messages: [{ role: 'user', content: 'Hi' }],
        max_tokens: 4_000,
      })
    const target = `${name}/${provider.model}`
    expect(traceOf(await ask())).toBe(`${target}: first ${target} authentication, retry ${target} ok => ok`)
    expect(traceOf(await ask())).toBe(`${target}: first ${target} ok => ok`)
    expect(server.requests.map(({ apiKey }) => apiKey)).toEqual(['revoked', 'good', 'good'])
  })
})
