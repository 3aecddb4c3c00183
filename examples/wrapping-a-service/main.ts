// Wrapping a service: it was written for the `openai` client; give it the gateway instead and it survives outages.
import assert from 'node:assert/strict'
import { createGateway } from '@turnout/core'
import { openai } from '@turnout/openai'
import { openaiEmulator } from '@turnout/testing/emulators'
import { TicketTriage, type ChatClient } from './ticket-triage.js'

const primary = await openaiEmulator({ replies: { error: 'quota_exhausted' } })
const backup = await openaiEmulator({
  replies: ({ lastUserText }) => (lastUserText.includes('down') ? 'urgent' : 'normal'),
})

// Before:  const triage = new TicketTriage(new OpenAI(), 'gpt-4.1-mini')
const gateway = createGateway({
  providers: {
    openai: openai({ apiKey: 'any', baseURL: primary.baseURL }),
    backup: openai({ apiKey: 'any', baseURL: backup.baseURL }),
  },
  routes: { triage: ['openai/gpt-4.1-mini', 'backup/gpt-4.1-mini'] },
})
// The gateway in the shape of the client. Requests and answers are OpenAI's already; only the way there differs.
const client: ChatClient = {
  chat: {
    completions: { create: (request) => gateway.chat({ ...request, model: gateway.model(request.model) }) },
  },
}
// After. The service itself is untouched: the model it asks for is a route now.
const triage = new TicketTriage(client, 'triage')

gateway.on('attempt-end', ({ attempt }) => {
  console.log(`  ${attempt.kind} at ${attempt.provider}: ${attempt.error?.code ?? attempt.outcome}`)
})
const first = await triage.priorityOf('The shop is down, nobody can pay!')
console.log(first)
const second = await triage.priorityOf('Could the logo be a little bigger?')
console.log(second)

await gateway.close()
await Promise.all([primary.close(), backup.close()])

assert.deepEqual([first, second], ['urgent', 'normal'])
// A used-up quota takes a target out: the second call did not ask it.
assert.equal(primary.requests.length, 1)
