import { expect, it } from 'vitest'
import type { Logger } from '../contract/logger.js'
import { isolatedLogger } from './isolated-logger.js'

it('passes each line on, to the logger itself', () => {
  class Lines implements Logger {
    readonly lines: unknown[] = []
    warn(facts: object, message: string) {
      this.lines.push(['warn', facts, message])
    }
    error(facts: object, message: string) {
      this.lines.push(['error', facts, message])
    }
  }
  const logger = new Lines()
  const isolated = isolatedLogger(logger)
  isolated.warn?.({ a: 1 }, 'careful')
  isolated.error?.({ b: 2 }, 'broken')
  expect(logger.lines).toEqual([
    ['warn', { a: 1 }, 'careful'],
    ['error', { b: 2 }, 'broken'],
  ])
})

it('has only the methods that the logger has, so that nothing is put together for nobody', () => {
  expect(Object.keys(isolatedLogger({ info() {} }))).toEqual(['info'])
  expect(isolatedLogger({})).toEqual({})
})

it('survives a logger that throws, now or later', async () => {
  const rejections: unknown[] = []
  const hear = (reason: unknown): void => void rejections.push(reason)
  process.on('unhandledRejection', hear)
  const failsLater = (): unknown => Promise.reject(new Error('disk full'))
  const isolated = isolatedLogger({
    warn() {
      throw new Error('disk full')
    },
    error: failsLater,
  })
  expect(() => isolated.warn?.({}, 'x')).not.toThrow()
  expect(() => isolated.error?.({}, 'x')).not.toThrow()
  await new Promise((resolve) => setImmediate(resolve))
  process.off('unhandledRejection', hear)
  expect(rejections).toEqual([])
})
