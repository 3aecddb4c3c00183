/** Everything that the Responses dialect is tested with, made by hand in its documented shapes. */
import type { Fixture } from '@turnout/testing'
import { answers } from './responses-answers.js'
import { badStreams, errorAnswers } from './responses-errors.js'
import { eventsOf, responseOf, sse } from './responses-events.js'

export const fixtures: readonly Fixture[] = [
  ...answers.flatMap(({ name, answer, expect }): Fixture[] => {
    const [inputTokens, outputTokens, cachedTokens, reasoningTokens] = answer.usage
    const usage = { inputTokens, outputTokens, cachedTokens, reasoningTokens }
    const read = { ...expect, model: answer.model, usage }
    const whole = JSON.stringify(responseOf(answer))
    return [
      { name: `${name}, whole`, kind: 'response', pair: name, body: whole, expect: read },
      { name: `${name}, streamed`, kind: 'stream', pair: name, body: sse(eventsOf(answer)), expect: read },
    ]
  }),
  ...badStreams,
  ...errorAnswers,
]
