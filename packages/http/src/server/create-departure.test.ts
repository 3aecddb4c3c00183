import { describe, expect, it } from 'vitest'
import { createDeparture } from './create-departure.js'

describe('the departure of a client', () => {
  it('is told once, to those who still listen, with the reason of an abort', () => {
    const departure = createDeparture()
    const heard: string[] = []
    const left = (): void => void heard.push('left')
    departure.addEventListener('abort', () => void heard.push(String(departure.aborted)))
    departure.addEventListener('abort', left)
    departure.removeEventListener('abort', left)
    departure.abort()
    departure.abort()
    expect(heard).toEqual(['true'])
    expect(departure.reason).toMatchObject({ name: 'AbortError' })
  })
})
