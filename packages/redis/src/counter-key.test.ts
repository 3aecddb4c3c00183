import { seededRandom } from '@turnout/testing'
import type { SharedCounter } from '@turnout/core'
import { describe, expect, it } from 'vitest'
import { counterKey } from './counter-key.js'

const max = { requests: 1, inputTokens: Infinity, outputTokens: Infinity, tokens: Infinity }
const counter = (scope: readonly string[], more: Partial<SharedCounter> = {}): SharedCounter => ({
  limit: 'l',
  per: scope.map(() => 'tenant'),
  scope,
  windowMs: 60_000,
  max,
  ...more,
})

describe('the key of a counter', () => {
  it('can be read where its values are short and plain', () => {
    expect(counterKey('turnout:', counter(['acme']))).toBe('turnout:c:1:l5:600006:tenant4:acme')
  })

  it('is another one for another limit, window, scope or value', () => {
    const all = [
      counter(['a']),
      counter(['a'], { limit: 'm' }),
      counter(['a'], { windowMs: 1_000 }),
      counter(['a'], { per: ['session'] }),
      counter(['A']),
      counter([], { per: ['all'] }),
    ]
    expect(new Set(all.map((one) => counterKey('', one))).size).toBe(all.length)
  })

  it('hides what is long, and is never the one of another thousand tenants, however crafted', () => {
    const random = seededRandom(7)
    const pieces = [
      'a',
      '1',
      ':',
      '#',
      '*',
      '?',
      '[',
      '\\',
      '{',
      '}',
      '\n',
      ' ',
      'é',
      '\ud800',
      '\udfff',
      '\0',
      '4:',
      '',
    ]
    const pick = (): string => pieces[Math.floor(random() * pieces.length)] ?? ''
    const values = new Set<string>()
    while (values.size < 1_000)
      values.add(Array.from({ length: 1 + Math.floor(random() * 90) }, pick).join(''))
    const list = [...values]
    const keys = new Map<string, string>()
    for (let i = 0; i < list.length; i++) {
      const scopes = [[list[i] as string], [list[i] as string, list[(i * 7 + 1) % list.length] as string]]
      for (const scope of scopes) {
        // As bytes, which is what Redis sees.
        const key = Buffer.from(counterKey('p:', counter(scope)), 'utf8').toString('hex')
        expect(keys.get(key) ?? scope.join('\0\0')).toBe(scope.join('\0\0'))
        keys.set(key, scope.join('\0\0'))
        expect(key.length).toBeLessThan(500)
      }
    }
    expect(keys.size).toBe(2_000)
  })
})
