// The demo: a real diff, reviewed three ways by three providers, one of which fails on purpose.
//   npm run demo
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createGateway, isGatewayError, type ChatResponse } from '@turnout/core'
import { openProviders } from './providers.js'
import { printReport, showAttempts, sumOfCosts, usd } from './report.js'
import { createWrappedText, paint, print } from './terminal.js'

const diff = await readFile(new URL('../change.diff', import.meta.url), 'utf8')
const providers = await openProviders()

const gateway = createGateway({
  providers: providers.adapters,
  routes: {
    'fast-summary': ['gemini/gemini-2.5-flash', 'openai/gpt-4.1-mini'],
    'deep-review': ['anthropic/claude-opus-4-1', 'openai/gpt-4.1'],
    'security-scan': ['flaky/claude-opus-4-1', 'openai/gpt-4.1', 'gemini/gemini-2.5-pro'],
  },
})

const TASKS = [
  ['fast-summary', 'Summarise this change in at most 60 words. Name the risk.'],
  ['deep-review', 'Review this change in at most 120 words. Bugs first, with file and line.'],
  ['security-scan', 'List the security problems of this change by severity, in at most 80 words.'],
] as const

print()
print(`${paint('bold', 'Turnout')}: one diff, three aliases, and a provider that fails on purpose.`)
print(paint('dim', whoAnswers(providers.emulated)))

const attempts = showAttempts(gateway)
const answers: { alias: string; answer: ChatResponse }[] = []
try {
  for (const [alias, task] of TASKS) {
    print()
    print(paint('cyan', alias))
    const stream = gateway.stream({
      model: alias,
      messages: [{ role: 'user', content: `${task} Plain text, no Markdown.\n\n${diff}` }],
    })
    const text = createWrappedText('  │ ')
    for await (const chunk of stream) {
      const delta = chunk.choices[0]?.delta.content
      if (!delta) continue
      attempts.answering()
      text.write(delta)
    }
    text.end()
    answers.push({ alias, answer: await stream.final() })
  }
  print()
  printReport(answers)
  print(paint('dim', `tokens: prompt + answer; cost of all three: ${usd(sumOfCosts(answers))}`))
  checkStory()
} catch (error) {
  print()
  print(paint('red', isGatewayError(error) ? `${error.code}: ${error.message}` : String(error)))
  process.exitCode = 1
} finally {
  await gateway.close()
  await providers.close()
}

function whoAnswers(emulated: readonly string[]): string {
  if (emulated.length === 0) return 'All providers but that one are the real ones.'
  return `Without keys these are emulators on loopback HTTP: ${emulated.join(', ')}.`
}

/** The demo checks itself, so that CI notices when the story is no longer true. */
function checkStory(): void {
  for (const { alias, answer } of answers) {
    assert.ok(answer.choices[0]?.message.content, `${alias}: empty answer`)
    assert.ok(answer.gateway.costUsd, `${alias}: no cost`)
  }
  const { provider, attempts: made } = answers[2]?.answer.gateway ?? { provider: '', attempts: [] }
  assert.equal(made[0]?.provider, 'flaky')
  assert.equal(made[0]?.status, 529, 'the failing provider did not fail')
  assert.notEqual(provider, 'flaky')
  assert.equal(made.at(-1)?.kind, 'failover', 'nothing was failed over')
}
