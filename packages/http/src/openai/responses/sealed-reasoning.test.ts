import { describe, expect, it } from 'vitest'
import { openReasoning, sealReasoning } from './sealed-reasoning.js'

const provider_state = {
  v: 1,
  adapter: 'anthropic',
  model: 'm',
  origin: 'https://api.anthropic.com',
  blocks: [{ type: 'thinking', thinking: 'é', signature: 's' }],
  digest: 'd',
} as const

describe('sealReasoning', () => {
  it('carries the state and signed details through, byte for byte', () => {
    const carried = {
      provider_state,
      reasoning_details: [{ type: 'reasoning.text', text: 'é', signature: 's' }],
    }
    const sealed = sealReasoning(carried)
    expect(sealed).toMatch(/^turnout1\.[\w-]+$/)
    expect(openReasoning(sealed)).toEqual(carried)
  })

  it('writes nothing where the shown text is all there is', () => {
    expect(sealReasoning({})).toBeUndefined()
    expect(sealReasoning({ reasoning_details: [{ type: 'reasoning.text', text: 'shown' }] })).toBeUndefined()
  })

  it.each([undefined, null, 7, '', 'gAAAAA', 'turnout1.', 'turnout1.%%%', 'turnout1.bnVsbA', 'turnout1.W10'])(
    'takes %j for nothing',
    (sealed) => {
      expect(openReasoning(sealed)).toEqual({})
    },
  )
})
