// Unit testing: your own code against a mock provider, under node:test. No network, no key, and no waiting.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGateway, isGatewayError } from '@turnout/core'
import { mockAdapter, traceOf, virtualTime, type MockReply } from '@turnout/testing'
import { summariseTicket } from './ticket-summary.js'

const TICKET = 'The shop is down.\nSince this morning nobody can pay.'

/** The same gateway as in production, with a mock where the providers were. */
function setUp(replies: readonly MockReply[]) {
  const mock = mockAdapter(replies)
  const gateway = createGateway({ providers: { mock }, routes: { summary: ['mock/large', 'mock/small'] } })
  return { mock, gateway }
}

test('asks for a summary of the ticket', async () => {
  const { mock, gateway } = setUp(['Payments fail since this morning.'])

  assert.equal(await summariseTicket(gateway, TICKET), 'Payments fail since this morning.')

  // The mock keeps what it was asked.
  assert.equal(mock.calls.length, 1)
  assert.equal(mock.calls[0]?.attempt.model, 'large')
  assert.equal(mock.calls[0]?.request.messages.at(-1)?.content, TICKET)
})

test('survives an overloaded provider', async () => {
  using time = virtualTime()
  const { gateway } = setUp([{ error: 'overloaded' }, { error: 'overloaded' }, 'Nobody can pay.'])
  let trace = ''
  gateway.on('request-end', (event) => {
    trace = traceOf(event.trace)
  })

  // Retries wait, but in virtual time.
  assert.equal(await time.settle(summariseTicket(gateway, TICKET)), 'Nobody can pay.')
  assert.equal(
    trace,
    'summary: first mock/large overloaded, retry mock/large overloaded, retry mock/large ok => ok',
  )
  assert.ok(time.elapsedMs() >= 600)
})

test('falls back to the first line when nobody answers', async () => {
  using time = virtualTime()
  const { mock, gateway } = setUp([{ fault: 'silence' }])

  assert.equal(await time.settle(summariseTicket(gateway, TICKET)), 'The shop is down.')
  assert.deepEqual(
    mock.calls.map(({ attempt, aborted }) => ({ model: attempt.model, aborted })),
    [
      { model: 'large', aborted: true },
      { model: 'small', aborted: true },
    ],
  )
})

test('does not hide a mistake of ours', async () => {
  const { gateway } = setUp([{ error: 'invalid_request' }])

  await assert.rejects(summariseTicket(gateway, TICKET), (error) => isGatewayError(error, 'invalid_request'))
})
