import { describe, expect, it } from 'vitest'
import { createGateway, GatewayError } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { parseConfig } from './parse-config.js'
import { serverOf } from './server-section.js'

const adapters = { mock: () => mockAdapter() }
const bare = 'version: 1\nproviders: { mock: { adapter: mock } }'
const text = `version: 1
providers: { mock: { adapter: mock } }
server:
  port: 8080
  keys:
    - { id: ci, sha256: ${'0a'.repeat(32)} }
`

describe('serverOf', () => {
  it('gives what stands under server, which the gateway does not see', async () => {
    const config = await parseConfig(text, { adapters })
    expect(serverOf(config)).toEqual({ port: 8080, keys: [{ id: 'ci', sha256: '0a'.repeat(32) }] })
    expect(Object.keys(config)).not.toContain('server')
    await createGateway(config).close()
  })

  it('gives nothing where nothing stands', async () => {
    expect(serverOf(await parseConfig(bare, { adapters }))).toBeUndefined()
  })
})

describe('checkServer', () => {
  const refuse = (path: string) => (): void => {
    throw new GatewayError({ code: 'invalid_request', path, message: `${path}: must be better` })
  }

  it('is asked with what stands there', async () => {
    const seen: unknown[] = []
    const checkServer = (section: unknown): void => void seen.push(section)
    await parseConfig(text, { adapters, checkServer })
    await parseConfig(bare, { adapters, checkServer })
    expect(seen).toMatchObject([{ port: 8080 }, undefined])
  })

  it.each([
    ['server.port', 'config:4:9: server.port: must be better'],
    ['server.keys[0].sha256', 'config:6:25: server.keys[0].sha256: must be better'],
  ])('has what is wrong with %s told with its line', async (path, message) => {
    await expect(parseConfig(text, { adapters, checkServer: refuse(path) })).rejects.toThrow(message)
  })

  it('must be a function', async () => {
    await expect(parseConfig(text, { adapters, checkServer: 1 as never })).rejects.toThrow(
      'checkServer: must be',
    )
  })
})
