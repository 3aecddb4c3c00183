import { describe, expect, it } from 'vitest'
import { isGatewayError } from '@turnout/core'
import { createKey, sha256Of } from './create-key.js'
import { createKeys } from './create-keys.js'
import { callerOf } from './key-scope.js'
import type { KeyScope } from './virtual-key.js'

const SHA = 'a'.repeat(64)

describe('createKey', () => {
  it('makes keys of 256 bits that only their hash is kept of', () => {
    const made = Array.from({ length: 1_000 }, createKey)
    expect(new Set(made.map(({ key }) => key)).size).toBe(1_000)
    for (const { key, sha256 } of made) {
      expect(key).toMatch(/^tk_[\w-]{43}$/)
      expect(sha256).toBe(sha256Of(key))
    }
  })
})

describe('createKeys', () => {
  it('finds a key by its hash, and holds no key', () => {
    const keys = createKeys()
    const { key, sha256 } = keys.create({ id: 'ci', models: ['fast'], tenant: 'build' })
    expect(keys.find(sha256)).toEqual({ id: 'ci', models: ['fast'], tenant: 'build', sha256 })
    expect(JSON.stringify(keys.find(sha256))).not.toContain(key)
    expect(keys.find(sha256Of(`${key}x`))).toBeUndefined()
  })

  it('revokes a key with all that were made from it', () => {
    const keys = createKeys()
    const root = keys.create({ id: 'root' })
    const child = keys.create({ id: 'child' }, 'root')
    const grandchild = keys.create({ id: 'grandchild' }, 'child')
    const other = keys.create({ id: 'other' })
    expect(keys.revoke('root')).toBe(true)
    const revoked = [root, child, grandchild, other].map(({ sha256 }) => keys.find(sha256)?.revoked === true)
    expect(revoked).toEqual([true, true, true, false])
    expect(keys.revoke('nobody')).toBe(false)
  })

  it('makes nothing from a revoked key', () => {
    const keys = createKeys()
    keys.create({ id: 'root' })
    keys.revoke('root')
    expect(() => keys.create({ id: 'child' }, 'root')).toThrow('there is no valid key "root"')
  })

  it('counts a key made from another as that one', () => {
    const keys = createKeys()
    keys.create({ id: 'root', tags: { team: 'a' } })
    const child = keys.create({ id: 'child', tags: { job: 'x' } }, 'root')
    const grandchild = keys.create({ id: 'grandchild' }, 'child')
    expect(keys.find(child.sha256)).toMatchObject({ account: 'root', tags: { team: 'a', job: 'x' } })
    expect(keys.find(grandchild.sha256)).toMatchObject({ account: 'root', parent: 'child' })
  })

  it.each([
    ['models', { models: ['other'] }],
    ['models', { models: ['open*'] }],
    ['models', { models: ['*'] }],
    ['endpoints', { endpoints: ['/metrics'] }],
    ['endpoints', { endpoints: ['*'] }],
    ['providerOptions', { providerOptions: true }],
    ['tenant', { tenant: 'b' }],
    ['tags.team', { tags: { team: 'b' } }],
    ['expiresAt', { expiresAt: '2999-01-02' }],
  ])('refuses to make a key with more %s than the one it is made from: %j', (what, scope) => {
    const keys = createKeys()
    keys.create({
      id: 'root',
      models: ['fast', 'openai/*'],
      tenant: 'a',
      tags: { team: 'a' },
      expiresAt: '2999-01-01',
    })
    const made = (): unknown => keys.create({ id: 'child', ...scope }, 'root')
    expect(made).toThrow(`${what}: is more than the key "root" has`)
    expect(made).toThrow(expect.toSatisfy((error) => isGatewayError(error, 'permission')))
  })

  it('gives a key what the one it is made from has, and no more', () => {
    const keys = createKeys()
    const scope = {
      models: ['fast', 'openai/*'],
      endpoints: ['/v1/chat/completions'],
      tenant: 'a',
      tags: { team: 'a' },
      expiresAt: '2999-01-01',
    }
    keys.create({ id: 'root', ...scope })
    expect(keys.find(keys.create({ id: 'same' }, 'root').sha256)).toMatchObject(scope)
    const less = keys.create({ id: 'less', models: ['openai/gpt-4.1*'], expiresAt: '2998-01-01' }, 'root')
    expect(keys.find(less.sha256)).toMatchObject({
      ...scope,
      models: ['openai/gpt-4.1*'],
      expiresAt: '2998-01-01',
    })
  })

  it.each<[KeyScope, KeyScope, boolean]>([
    [{}, {}, true],
    [{}, { models: ['fast'] }, false],
    [{}, { models: ['fast'], providerOptions: true }, true],
    [{ providerOptions: false }, {}, false],
    [{ models: ['fast'], providerOptions: true }, {}, true],
    [{ models: ['fast'], providerOptions: true }, { providerOptions: false }, false],
  ])('lets fields of a provider through for a key from %j with %j: %s', (parent, scope, may) => {
    const keys = createKeys()
    keys.create({ id: 'root', ...parent })
    const { sha256 } = keys.create({ id: 'child', ...scope }, 'root')
    const key = keys.find(sha256)
    expect(key && callerOf(key).mayPassOn).toBe(may)
  })

  it.each([
    ['keys: must be a list', 'none'],
    ['keys[0].providerOptions: must be', [{ id: 'a', sha256: SHA, providerOptions: 'yes' }]],
    ['keys[0]: must be an object', ['tk_abc']],
    ['keys[0].key: is no field of a key', [{ id: 'a', sha256: SHA, key: 'tk_abc' }]],
    ['keys[0].id: must be', [{ id: 'a b', sha256: SHA }]],
    ['keys[0].sha256: must be', [{ id: 'a', sha256: 'tk_abc' }]],
    ['keys[0].models: must be', [{ id: 'a', sha256: SHA, models: ['a*b'] }]],
    ['keys[0].endpoints: must be', [{ id: 'a', sha256: SHA, endpoints: '/v1/*' }]],
    ['keys[0].tags: must be', [{ id: 'a', sha256: SHA, tags: { a: 1 } }]],
    ['keys[0].expiresAt: must be', [{ id: 'a', sha256: SHA, expiresAt: 'tomorrow' }]],
    [
      'keys[1].id: there are two',
      [
        { id: 'a', sha256: SHA },
        { id: 'a', sha256: 'b'.repeat(64) },
      ],
    ],
    [
      'keys[1].sha256: is the hash of another',
      [
        { id: 'a', sha256: SHA },
        { id: 'b', sha256: SHA },
      ],
    ],
  ])('says what is wrong with a list: %s', (message, given) => {
    expect(() => createKeys(given as never)).toThrow(message)
  })

  it('takes a new list as a whole or not at all', () => {
    const keys = createKeys([{ id: 'a', sha256: SHA }])
    expect(() => keys.replace([{ id: 'b', sha256: 'x' }])).toThrow('keys[0].sha256')
    expect(keys.find(SHA)?.id).toBe('a')
    keys.replace([{ id: 'b', sha256: 'b'.repeat(64) }])
    expect(keys.find(SHA)).toBeUndefined()
  })
})
