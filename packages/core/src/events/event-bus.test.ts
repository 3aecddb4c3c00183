import { afterEach, describe, expect, it } from 'vitest'
import { isGatewayError } from '../errors/gateway-error.js'
import { createEventBus } from './event-bus.js'

const START = { requestId: 'req_1', model: 'm', call: 'chat' } as const
const start = () => START

const rejections: unknown[] = []
const hear = (reason: unknown): void => void rejections.push(reason)
process.on('unhandledRejection', hear)
afterEach(() => {
  if (rejections.length > 0) throw new Error('a rejection went unhandled', { cause: rejections.splice(0) })
})

const setUp = () => {
  const failures: [unknown, string][] = []
  const bus = createEventBus((error, event) => failures.push([error, event]))
  const heard: string[] = []
  return { bus, failures, heard }
}
const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the event bus', () => {
  it('tells the listeners of an event in order, then those of all', () => {
    const { bus, heard } = setUp()
    bus.on('*', ({ type }) => heard.push(`any ${type}`))
    bus.on('request-start', (event) => {
      heard.push('first')
      expect(event).toEqual({ type: 'request-start', ...START })
    })
    bus.on('request-start', () => heard.push('second'))
    bus.on('warning', () => heard.push('never'))
    bus.emit('request-start', start)
    expect(heard).toEqual(['first', 'second', 'any request-start'])
  })

  it('builds a payload only for somebody', () => {
    const { bus } = setUp()
    let built = 0
    const payload = () => {
      built++
      return START
    }
    bus.emit('request-start', payload)
    const remove = bus.on('warning', () => {})
    bus.emit('request-start', payload)
    expect(built).toBe(0)
    bus.on('request-start', () => {})
    bus.on('*', () => {})
    bus.emit('request-start', payload)
    expect(built).toBe(1)
    remove()
  })

  it('stops telling a listener that was removed', () => {
    const { bus, heard } = setUp()
    const remove = bus.on('request-start', () => heard.push('x'))
    remove()
    bus.emit('request-start', start)
    expect(heard).toEqual([])
  })

  it('removes with a removal its own registration only, however often it is called', () => {
    const { bus, heard } = setUp()
    const listener = (): void => void heard.push('twice')
    const removeFirst = bus.on('request-start', listener)
    bus.on('request-start', listener)
    removeFirst()
    removeFirst()
    bus.emit('request-start', start)
    expect(heard).toEqual(['twice'])

    const other = setUp()
    const removeOld = other.bus.on('request-start', () => {})
    removeOld()
    other.bus.on('request-start', () => other.heard.push('new'))
    removeOld()
    other.bus.emit('request-start', start)
    expect(other.heard).toEqual(['new'])
  })

  it('lets listeners come and go while an event is told', () => {
    const { bus, heard } = setUp()
    const removals: (() => void)[] = []
    bus.on('request-start', () => {
      heard.push('first')
      removals.forEach((remove) => {
        remove()
      })
      bus.on('request-start', () => heard.push('joined'))
    })
    removals.push(bus.on('request-start', () => heard.push('second')))
    bus.emit('request-start', start)
    expect(heard).toEqual(['first', 'second'])
    bus.emit('request-start', start)
    expect(heard).toEqual(['first', 'second', 'first', 'joined'])
  })

  it('reports a listener that fails, now or later, and goes on', async () => {
    const { bus, failures, heard } = setUp()
    const now = new Error('now')
    const later = new Error('later')
    const odd = new Error('odd')
    const then = (_: unknown, fail: (error: Error) => void): void => {
      fail(odd)
    }
    const thenable = Object.fromEntries(new Map([['then', then]]))
    const failsLater = (): unknown => nextTurn().then(() => Promise.reject(later))
    bus.on('request-start', () => {
      throw now
    })
    bus.on('request-start', failsLater)
    bus.on('request-start', () => thenable)
    bus.on('*', () => heard.push('still told'))
    bus.emit('request-start', start)
    expect(heard).toEqual(['still told'])
    await nextTurn()
    await nextTurn()
    expect(failures).toEqual([
      [now, 'request-start'],
      [odd, 'request-start'],
      [later, 'request-start'],
    ])
  })

  it.each<[string, unknown, unknown, RegExp]>([
    [
      'a misspelt event',
      'request-ended',
      () => {},
      /^event: is no known option; did you mean `request-end`\?/,
    ],
    [
      'an event from Object.prototype',
      'constructor',
      () => {},
      /^event: is no known option; there are request-start/,
    ],
    ['an event that is no text', undefined, () => {}, /^event: is no known option/],
    ['a missing listener', 'warning', undefined, /^listener: must be a function/],
  ])('refuses %s', (_name, event, listener, message) => {
    let error: unknown
    try {
      setUp().bus.on(event as never, listener as never)
    } catch (thrown) {
      error = thrown
    }
    expect(isGatewayError(error, 'invalid_request')).toBe(true)
    expect((error as Error).message).toMatch(message)
  })
})
