import { isGatewayError } from '@turnout/core'
import { describe, expect, it } from 'vitest'
import { sharedLimits } from './index.js'

const client = { call: async () => 1 }
const faultOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    if (isGatewayError(error, 'invalid_request')) return `${error.path} | ${error.message}`
    throw error
  }
  return 'accepted'
}

describe('sharedLimits', () => {
  it.each<[string, unknown, unknown, RegExp]>([
    ['no client', undefined, {}, /^redis \| .*must be a client of ioredis/],
    ['a URL', 'redis://localhost', {}, /^redis \| /],
    [
      'an unknown option',
      client,
      { perfix: 'a' },
      /^perfix \| .*there are prefix, processes, fail, maxWaitMs/,
    ],
    ['an empty prefix', client, { prefix: '' }, /^prefix \| /],
    ['no process', client, { processes: 0 }, /^processes \| /],
    ['half a process', client, { processes: 1.5 }, /^processes \| /],
    ['an unknown mode', client, { fail: 'shut' }, /^fail \| .*"local", "open" or "closed"/],
    ['no time', client, { maxWaitMs: 0 }, /^maxWaitMs \| /],
    ['time without end', client, { maxWaitMs: Infinity }, /^maxWaitMs \| /],
  ])('refuses %s', (_name, redis, options, message) => {
    expect(faultOf(() => sharedLimits(redis as never, options as never))).toMatch(message)
  })

  it('accepts what it offers, and does nothing yet', () => {
    const options = { prefix: 'p:', processes: 4, fail: 'closed', maxWaitMs: 20 } as const
    expect(faultOf(() => sharedLimits(client, options))).toBe('accepted')
    expect(faultOf(() => sharedLimits(client))).toBe('accepted')
  })
})
