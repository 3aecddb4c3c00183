import { describe, expect, it } from 'vitest'
import { finishReason, settleFinish } from './finish-reason.js'

describe('finishReason', () => {
  it.each([
    ['stop', 'stop'],
    ['STOP', 'stop'],
    ['end_turn', 'stop'],
    ['length', 'length'],
    ['model_length', 'length'],
    ['tool_calls', 'tool_calls'],
    ['function_call', 'tool_calls'],
    ['content_filter', 'content_filter'],
    ['error', 'error'],
    ['insufficient_system_resource', 'error'],
    ['abrakadabra', 'stop'],
    ['constructor', 'stop'],
    ['__proto__', 'stop'],
  ])('%s is %s', (word, reason) => {
    expect(finishReason(word)).toBe(reason)
  })

  it("knows a vendor's words first", () => {
    expect(finishReason('stop', { stop: 'length' })).toBe('length')
    expect(finishReason('toString', {})).toBe('stop')
  })
})

describe('settleFinish', () => {
  it.each([
    ['stop', false, false, 'stop'],
    ['stop', true, false, 'tool_calls'],
    ['stop', false, true, 'content_filter'],
    ['stop', true, true, 'tool_calls'],
    ['length', true, true, 'length'],
    ['content_filter', true, false, 'content_filter'],
  ] as const)('%s with calls %s and refusal %s is %s', (reason, toolCalls, refusal, settled) => {
    expect(settleFinish(reason, { toolCalls, refusal })).toBe(settled)
  })
})
