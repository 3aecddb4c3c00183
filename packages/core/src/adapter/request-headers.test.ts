import { describe, expect, it } from 'vitest'
import { attemptWith, drain, plainAdapter, recorder, request } from '../../test/attempt.js'
import { plainProtocol } from '../../test/plain-protocol.js'
import type { AdapterDefinition } from './define-adapter.js'

const base = 'https://acme.example/v1'

describe('headers', () => {
  it('are merged whatever their case: adapter, protocol, host, defaults, key', async () => {
    const { fetch, headers } = recorder()
    const definition: Partial<AdapterDefinition> = {
      headers: { 'X-Version': 'adapter', 'X-A': 'adapter', 'X-B': 'adapter', 'X-C': 'adapter' },
      protocol: {
        ...plainProtocol,
        encode: () => ({
          path: '/chat',
          body: {},
          headers: { 'x-a': 'protocol', 'x-b': 'protocol', 'x-c': 'protocol' },
        }),
      },
    }
    const adapter = plainAdapter(
      base,
      { fetch, headers: { 'x-B': 'host', 'X-c': 'host', 'user-agent': 'mine' } },
      definition,
    )
    await drain(
      adapter.chat(
        request,
        attemptWith({ stream: false, headers: { 'X-C': 'defaults', Authorization: 'forged' } }),
      ),
    )
    expect(Object.fromEntries(headers[0] ?? [])).toEqual({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'mine',
      authorization: 'Bearer test-key',
      'x-version': 'adapter',
      'x-a': 'protocol',
      'x-b': 'host',
      'x-c': 'defaults',
    })
  })

  it('follow the attempt from call to call', async () => {
    const { fetch, headers } = recorder()
    const adapter = plainAdapter(base, { fetch }, { idempotencyHeader: 'Idempotency-Key' })
    const first = { 'x-tenant': '1' }
    await drain(adapter.chat(request, attemptWith({ stream: false, headers: first, idempotencyKey: 'once' })))
    await drain(adapter.chat(request, attemptWith({ stream: false, headers: { 'x-tenant': '2' } })))
    await drain(adapter.chat(request, attemptWith({ stream: true, headers: first })))
    expect(
      headers.map((sent) => [sent.get('x-tenant'), sent.get('idempotency-key'), sent.get('accept')]),
    ).toEqual([
      ['1', 'once', 'application/json'],
      ['2', null, 'application/json'],
      ['1', null, 'text/event-stream, application/json'],
    ])
  })

  const bad: [string, Record<string, unknown>, string][] = [
    ['a line break', { 'x-a': 'secret\r\nhost: evil' }, 'x-a'],
    ['NUL', { 'x-a': 'secret\0' }, 'x-a'],
    ['other characters', { 'x-a': 'secret 你好' }, 'x-a'],
    ['a name with a line break', { 'x\r\ny': '1' }, 'x\r\ny'],
    ['an empty name', { '': '1' }, ''],
    ['no string', { 'x-a': 7 }, 'x-a'],
    ["a header of the transport's", { 'Transfer-Encoding': 'chunked' }, 'Transfer-Encoding'],
    ['another one', { 'content-length': '0' }, 'content-length'],
  ]
  it.each(bad)('of the host are refused at once: %s', (_what, headers, name) => {
    const make = (): unknown => plainAdapter(base, { headers: headers as Record<string, string> })
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_request', path: `headers.${name}` }))
    expect(make).not.toThrow(/secret/)
  })

  it.each(bad)('of the defaults are refused at the call: %s', async (_what, headers, name) => {
    const { fetch, urls } = recorder()
    const attempt = attemptWith({ headers: headers as Record<string, string> })
    const { error } = await drain(plainAdapter(base, { fetch }).chat(request, attempt))
    expect(error).toMatchObject({ code: 'invalid_request', path: `defaults.headers.${name}` })
    expect(urls).toEqual([])
  })

  it('refuse an idempotency key that cannot stand in one', async () => {
    const adapter = plainAdapter(base, { fetch: recorder().fetch }, { idempotencyHeader: 'idempotency-key' })
    const { error } = await drain(adapter.chat(request, attemptWith({ idempotencyKey: 'a\r\nb' })))
    expect(error).toMatchObject({ code: 'invalid_request', path: 'idempotencyKey' })
  })
})
