import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isGatewayError } from '../errors/gateway-error.js'
import { MESSAGE_SCHEMAS, PART_SCHEMAS } from './request-schema.js'
import { checkMessages } from './validate-messages.js'

const value = fc.oneof(
  fc.constantFrom(undefined, null, '', 'x', 0, true),
  fc.array(fc.constant('x')),
  fc.constant({}),
  fc.constant({ type: 'ephemeral' }),
)
const call = fc.oneof(
  value,
  fc.record(
    {
      id: fc.oneof(fc.constant('c'), value),
      type: fc.oneof(fc.constant('function'), value),
      function: fc.oneof(
        value,
        fc.record(
          { name: fc.oneof(fc.constant('f'), value), arguments: fc.oneof(fc.constant('{}'), value) },
          { requiredKeys: [] },
        ),
      ),
    },
    { requiredKeys: [] },
  ),
)
const part = fc.record(
  { type: fc.constant('text'), text: fc.oneof(fc.constant('t'), value), cache_control: value },
  { requiredKeys: ['type'] },
)
const message = fc.record(
  {
    role: fc.constantFrom('system', 'user', 'assistant', 'tool'),
    content: fc.oneof(fc.constant('hello'), fc.array(part), value),
    tool_calls: fc.oneof(fc.array(call), value),
    tool_call_id: fc.oneof(fc.constant('c'), value),
    refusal: value,
    name: value,
    reasoning_content: value,
    cache_control: value,
  },
  { requiredKeys: ['role'] },
)

/** An assistant message whose call every tool message answers. */
const CALLED = {
  role: 'assistant',
  tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '' } }],
}

function accepts(messages: readonly unknown[]): boolean {
  try {
    checkMessages(messages, () => {})
    return true
  } catch (error) {
    if (isGatewayError(error, 'invalid_request')) return false
    throw error
  }
}

// The usual messages skip the schemas: this holds that the short way and the long one agree.
it('accepts a message exactly when its schemas do', () => {
  let accepted = 0
  fc.assert(
    fc.property(message, (candidate) => {
      const parts = Array.isArray(candidate.content) ? (candidate.content as readonly unknown[]) : []
      const bySchema =
        MESSAGE_SCHEMAS.get(candidate.role)?.safeParse(candidate).success === true &&
        parts.every(
          (one) => PART_SCHEMAS.get((one as { type: string }).type)?.safeParse(one).success === true,
        ) &&
        (candidate.role !== 'tool' || candidate.tool_call_id === 'c')
      const byHand = accepts([CALLED, candidate])
      expect(byHand).toBe(bySchema)
      if (byHand) accepted++
    }),
    { numRuns: 1_000 },
  )
  expect(accepted).toBeGreaterThan(20) // or the property would say nothing
})
