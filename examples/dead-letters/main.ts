// Dead letters: a provider is down for the night, the process ends; in the morning another one sends the calls again.
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createGateway } from '@turnout/core'
import { openai } from '@turnout/openai'
import { sqliteDeadLetters } from '@turnout/sqlite'
import { openaiEmulator } from '@turnout/testing/emulators'

const folder = await mkdtemp(join(tmpdir(), 'turnout-letters-'))
const emulator = await openaiEmulator({
  replies: [{ error: 'permission' }, { error: 'permission' }, { error: 'permission' }, 'Paid.', 'Paid.'],
})
/** Yours comes from a vault: letters hold prompts, and only who has the key can read them. */
const sealKey = randomBytes(32)

const openGateway = () =>
  createGateway({
    providers: { openai: openai({ apiKey: 'any', baseURL: emulator.baseURL }) },
    routes: { invoices: { targets: ['openai/gpt-4.1-mini'], deadLetter: true } },
    deadLetters: { store: sqliteDeadLetters({ path: join(folder, 'turnout.db') }), content: { sealKey } },
  })

// In the evening.
const evening = openGateway()
for (const invoice of ['A-1', 'A-2', 'A-3']) {
  await evening
    .chat(
      { model: 'invoices', messages: [{ role: 'user', content: `Is invoice ${invoice} paid?` }] },
      { requestId: invoice, tenant: 'acme' },
    )
    .catch((error: unknown) => console.log(invoice, 'failed:', (error as Error).message))
}
await evening.close()

// In the morning: another process, the same file.
const morning = openGateway()
const letters = await morning.deadLetters.list({ tenant: 'acme' })
const kept = letters.map(({ requestId }) => requestId)
assert.deepEqual(kept, ['A-3', 'A-2', 'A-1'])
assert.ok(!JSON.stringify(letters).includes('Is invoice'))
for (const { id, requestId, at, error } of letters.toReversed()) {
  console.log(requestId, new Date(at).toISOString(), error.code)
  if (requestId === 'A-2')
    await morning.deadLetters.drop(id) // Nobody wants that answer any more.
  else console.log((await morning.deadLetters.retry(id)).choices[0]?.message.content)
}
assert.deepEqual(await morning.deadLetters.list(), [])
assert.equal(emulator.requests.length, 5)

await morning.close()
await emulator.close()
await rm(folder, { recursive: true })
