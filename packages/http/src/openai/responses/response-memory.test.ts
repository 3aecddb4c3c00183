import { describe, expect, it } from 'vitest'
import { createResponseMemory, type RememberedResponse } from './response-memory.js'

const remembered = (itemId: string, text = ''): RememberedResponse => ({
  messages: [{ role: 'user', content: text }],
  output: [
    { type: 'function_call', id: itemId, status: 'completed', call_id: 'c', name: 'n', arguments: '{}' },
  ],
})

describe('createResponseMemory', () => {
  it('finds a response and its items again, for the same owner only', () => {
    const memory = createResponseMemory(10)
    const response = remembered('fc_1')
    memory.keep('a', 'resp_1', response)
    expect(memory.find('a', 'resp_1')).toBe(response)
    expect(memory.findItem('a', 'fc_1')).toBe(response.output[0])
    for (const other of ['b', '', '1:a']) {
      expect(memory.find(other, 'resp_1')).toBeUndefined()
      expect(memory.findItem(other, 'fc_1')).toBeUndefined()
    }
  })

  it('lets the oldest go with its items when there are too many', () => {
    const memory = createResponseMemory(2)
    for (const n of [1, 2, 3]) memory.keep('o', `resp_${n}`, remembered(`fc_${n}`))
    expect(memory.find('o', 'resp_1')).toBeUndefined()
    expect(memory.findItem('o', 'fc_1')).toBeUndefined()
    expect(memory.find('o', 'resp_2')).toBeDefined()
    expect(memory.findItem('o', 'fc_3')).toBeDefined()
  })

  it('is bounded by its characters, and keeps nothing that is larger than all of them', () => {
    const memory = createResponseMemory(100, 1_000)
    memory.keep('o', 'small', remembered('fc_1', 'x'.repeat(300)))
    memory.keep('o', 'huge', remembered('fc_2', 'x'.repeat(2_000)))
    expect(memory.find('o', 'small')).toBeDefined()
    expect(memory.find('o', 'huge')).toBeUndefined()
    memory.keep('o', 'next', remembered('fc_3', 'x'.repeat(700)))
    expect(memory.find('o', 'small')).toBeUndefined()
    expect(memory.find('o', 'next')).toBeDefined()
  })

  it('keeps none when none are asked for', () => {
    const memory = createResponseMemory(0)
    memory.keep('o', 'resp_1', remembered('fc_1'))
    expect(memory.find('o', 'resp_1')).toBeUndefined()
  })
})
