import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createAnsweredRequests } from './answered-requests.js'

const target = (model: string) => ({ provider: 'p', model })

it('gives the target of a request, once', () => {
  const answered = createAnsweredRequests()
  answered.note('r1', target('a'))
  answered.note('r2', target('b'))
  expect(answered.take('r1')).toEqual(target('a'))
  expect(answered.take('r1')).toBeUndefined()
  expect(answered.take('r2')).toEqual(target('b'))
  expect(answered.take('r3')).toBeUndefined()
})

it('knows the last ten thousand', () => {
  const answered = createAnsweredRequests()
  for (let at = 0; at <= 10_000; at++) answered.note(`r${at}`, target('a'))
  expect(answered.take('r0')).toBeUndefined()
  expect(answered.take('r1')).toEqual(target('a'))
})

it('agrees with a list of the last ones, however ids come again and feedback comes between', () => {
  const steps = fc.array(fc.tuple(fc.constantFrom('note', 'take'), fc.nat(9)), { maxLength: 200 })
  fc.assert(
    fc.property(steps, (moves) => {
      const answered = createAnsweredRequests(4)
      const taken: unknown[] = []
      const expected: unknown[] = []
      let last: { id: string; model: string }[] = []
      // An id that comes again leaves its earlier place empty, as does one that was taken.
      const vacate = (id: string): void => {
        last = last.map((one) => (one.id === id ? { id: '', model: '' } : one))
      }
      for (const [at, [move, number]] of moves.entries()) {
        const id = `r${number}`
        if (move === 'note') {
          answered.note(id, target(`m${at}`))
          vacate(id)
          last = [...last, { id, model: `m${at}` }].slice(-4)
        } else {
          taken.push(answered.take(id)?.model)
          expected.push(last.find((one) => one.id === id)?.model)
          vacate(id)
        }
      }
      expect(taken).toEqual(expected)
    }),
  )
})
