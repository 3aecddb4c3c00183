import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { isGatewayError } from '../errors/gateway-error.js'
import { MESSAGE_SCHEMAS, PART_SCHEMAS } from './request-schema.js'
import { checkMessages } from './validate-messages.js'

/** Good messages; the property spoils one field of each. */
const GOOD: readonly Readonly<Record<string, unknown>>[] = [
  { role: 'system', content: 'x' },
  { role: 'user', content: 'x', name: 'me' },
  {
    role: 'user',
    content: [
      { type: 'text', text: 'x' },
      { type: 'text', text: '', cache_control: { type: 'ephemeral' } },
    ],
  },
  { role: 'assistant', content: 'x', refusal: null, reasoning_content: 'x' },
  {
    role: 'assistant',
    content: null,
    tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '{}' } }],
  },
  { role: 'assistant', tool_calls: [{ id: 'c', function: { name: 'f', arguments: '' } }] },
  { role: 'tool', tool_call_id: 'c', content: 'x' },
  { role: 'tool', tool_call_id: 'c', content: [{ type: 'text', text: 'x' }], is_error: true },
]
const PLACES = [
  ['content'],
  ['name'],
  ['refusal'],
  ['tool_calls'],
  ['tool_call_id'],
  ['reasoning_content'],
  ['cache_control'],
  ['is_error'],
  ['other'],
  ['content', 0, 'text'],
  ['content', 0, 'cache_control'],
  ['content', 1],
  ['tool_calls', 0],
  ['tool_calls', 0, 'id'],
  ['tool_calls', 0, 'type'],
  ['tool_calls', 0, 'function'],
  ['tool_calls', 0, 'function', 'name'],
  ['tool_calls', 0, 'function', 'arguments'],
]
const value = fc.constantFrom<unknown>(
  undefined,
  null,
  '',
  'x',
  'c',
  0,
  true,
  ['x'],
  [],
  {},
  { type: 'ephemeral' },
  { type: 'text', text: 'x' },
)
const message = fc
  .tuple(fc.constantFrom(...GOOD), fc.constantFrom(...PLACES), value)
  .map(
    ([good, place, spoiled]) =>
      withValue(good, place, spoiled) as { role: string; content?: unknown; tool_call_id?: unknown },
  )

/** A copy with another value at the place; unchanged when there is no such place. */
function withValue(whole: unknown, [key, ...rest]: readonly PropertyKey[], spoiled: unknown): unknown {
  if (key === undefined) return spoiled
  if (Array.isArray(whole))
    return whole.map((one, i): unknown => (i === key ? withValue(one, rest, spoiled) : one))
  if (typeof whole !== 'object' || whole === null) return whole
  return { ...whole, [key]: withValue((whole as Record<PropertyKey, unknown>)[key], rest, spoiled) }
}

/** An assistant message whose call every tool message answers. */
const CALLED = {
  role: 'assistant',
  tool_calls: [{ id: 'c', type: 'function', function: { name: 'f', arguments: '' } }],
}

/** Of a type that we do not know it is good too: it passes with a warning. */
function isGoodPart(part: unknown): boolean {
  const { type } = (part ?? {}) as { readonly type?: unknown }
  if (typeof type !== 'string') return false
  return PART_SCHEMAS.get(type)?.safeParse(part).success ?? true
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
        parts.every(isGoodPart) &&
        (candidate.role !== 'tool' || candidate.tool_call_id === 'c')
      const byHand = accepts([CALLED, candidate])
      expect(byHand).toBe(bySchema)
      if (byHand) accepted++
    }),
    { numRuns: 1_000 },
  )
  expect(accepted).toBeGreaterThan(200) // or the property would say nothing
})
