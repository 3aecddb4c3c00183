import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { attemptWith, drain, plainAdapter, recorder, request, whole } from '../../test/attempt.js'
import type { AdapterOptions } from './adapter-options.js'

const base = 'https://acme.example/v1'

function stubKey(value: string | undefined): void {
  vi.stubEnv('PLAIN_API_KEY', value)
  onTestFinished(() => void vi.unstubAllEnvs())
}

describe('keys', () => {
  it.each<[string, AdapterOptions['apiKey'], string]>([
    ['a string', 'k-1', 'Bearer k-1'],
    ['the first of a list', ['k-1', 'k-2'], 'Bearer k-1'],
    ['a function', () => 'k-3', 'Bearer k-3'],
    ['an async function', async () => 'k-4', 'Bearer k-4'],
  ])('may be %s', async (_what, apiKey, expected) => {
    const { fetch, headers } = recorder()
    await drain(plainAdapter(base, { fetch, apiKey }).chat(request, whole()))
    expect(headers[0]?.get('authorization')).toBe(expected)
  })

  it('come from the environment at first use', async () => {
    stubKey(undefined)
    const { fetch, headers } = recorder()
    const adapter = plainAdapter(base, { fetch, apiKey: undefined })
    vi.stubEnv('PLAIN_API_KEY', 'from-env')
    await drain(adapter.chat(request, whole()))
    expect(headers[0]?.get('authorization')).toBe('Bearer from-env')
  })

  it('asks a function before each attempt', async () => {
    let count = 0
    const { fetch, headers } = recorder()
    const adapter = plainAdapter(base, { fetch, apiKey: () => `k-${++count}` })
    for (let i = 0; i < 3; i++) await drain(adapter.chat(request, whole()))
    expect(headers.map((sent) => sent.get('authorization'))).toEqual([
      'Bearer k-1',
      'Bearer k-2',
      'Bearer k-3',
    ])
  })

  it.each<[string, AdapterOptions['apiKey'], RegExp]>([
    ['none', undefined, /set PLAIN_API_KEY or pass \{ apiKey \}/],
    ['an empty one', '', /set PLAIN_API_KEY/],
    ['an empty list', [], /set PLAIN_API_KEY/],
    ['one with a line break', 'sk-secret12345\n', /contains a line break/],
    ['one with a NUL', 'sk-secret12345\0', /cannot stand in a header/],
    ['one with other characters', 'sk-secret12345é', /cannot stand in a header/],
    ['a function that gives nothing', () => undefined as unknown as string, /gave no key/],
    [
      'a function that throws',
      () => {
        throw new Error('vault is down')
      },
      /function of acme failed/,
    ],
    ['a function that rejects', () => Promise.reject(new Error('vault is down')), /function of acme failed/],
  ])('are asked for: %s fails at first use', async (_what, apiKey, message) => {
    stubKey(undefined)
    const { fetch, urls } = recorder()
    const { error } = await drain(plainAdapter(base, { fetch, apiKey }).chat(request, whole()))
    expect(error).toMatchObject({
      code: 'authentication',
      path: 'apiKey',
      provider: 'acme',
      message: expect.stringMatching(message),
    })
    expect(JSON.stringify(error)).not.toContain('secret12345')
    expect(urls).toEqual([])
  })

  it('are not needed where the server needs none', async () => {
    const { fetch, headers } = recorder()
    await drain(
      plainAdapter(base, { fetch, apiKey: undefined }, { apiKeyVariable: null }).chat(request, whole()),
    )
    expect(headers[0]?.has('authorization')).toBe(false)
  })

  it("may travel in a header of the provider's, which nobody else can set", async () => {
    const { fetch, headers } = recorder()
    const adapter = plainAdapter(
      base,
      { fetch, apiKey: 'k-1', headers: { 'X-API-Key': 'forged' } },
      { auth: (key) => ({ 'x-api-key': key }) },
    )
    await drain(adapter.chat(request, attemptWith({ stream: false, headers: { 'x-api-KEY': 'forged too' } })))
    expect(headers[0]?.get('x-api-key')).toBe('k-1')
    expect(headers[0]?.has('authorization')).toBe(false)
  })

  it('that are waited for can be given up', async () => {
    const { fetch } = recorder()
    const attempt = whole()
    const next = plainAdapter(base, { fetch, apiKey: () => new Promise(() => {}) })
      .chat(request, attempt)
      .next()
    attempt.controller.abort()
    await expect(next).rejects.toMatchObject({ code: 'aborted' })
  })
})
