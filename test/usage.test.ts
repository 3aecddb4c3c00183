/** What every provider's fixtures say was used: classes that add up, the same whole and streamed. */
import { anthropic } from '@turnout/anthropic'
import { createGateway, type Adapter, type Usage } from '@turnout/core'
import { deepseek } from '@turnout/deepseek'
import { gemini } from '@turnout/gemini'
import { mistral } from '@turnout/mistral'
import { openai } from '@turnout/openai'
import { openrouter } from '@turnout/openrouter'
import { qwen } from '@turnout/qwen'
import type { Fixture, MakeAdapter, ResponseFixture, StreamFixture } from '@turnout/testing'
import { tokenmix } from '@turnout/tokenmix'
import { xai } from '@turnout/xai'
import { describe, expect, it } from 'vitest'
import { fixtures as anthropicFixtures } from '../packages/anthropic/test/fixtures.js'
import { tokenClasses } from '../packages/core/src/accounting/compute-cost.js'
import { fixtures as deepseekFixtures } from '../packages/deepseek/test/fixtures.js'
import { fixtures as geminiFixtures } from '../packages/gemini/test/fixtures.js'
import { fixtures as mistralFixtures } from '../packages/mistral/test/fixtures.js'
import { fixtures as openaiFixtures } from '../packages/openai/test/fixtures.js'
import { fixtures as responsesFixtures } from '../packages/openai-compatible/test/responses-fixtures.js'
import { fixtures as openrouterFixtures } from '../packages/openrouter/test/fixtures.js'
import { fixtures as qwenFixtures } from '../packages/qwen/test/fixtures.js'
import { fixtures as tokenmixFixtures } from '../packages/tokenmix/test/fixtures.js'
import { fixtures as xaiFixtures } from '../packages/xai/test/fixtures.js'

const HOUSES: readonly (readonly [name: string, makeAdapter: MakeAdapter, fixtures: readonly Fixture[]])[] = [
  ['openai', (options) => openai({ ...options, api: 'chat' }), openaiFixtures],
  ['openai responses', (options) => openai({ ...options, api: 'responses' }), responsesFixtures],
  ['anthropic', (options) => anthropic(options), anthropicFixtures],
  ['gemini', (options) => gemini(options), geminiFixtures],
  ['mistral', (options) => mistral(options), mistralFixtures],
  ['deepseek', (options) => deepseek(options), deepseekFixtures],
  ['qwen', (options) => qwen(options), qwenFixtures],
  ['openrouter', (options) => openrouter(options), openrouterFixtures],
  ['tokenmix', (options) => tokenmix(options), tokenmixFixtures],
  ['xai', (options) => xai(options), xaiFixtures],
  ['xai responses', (options) => xai({ ...options, api: 'responses' }), responsesFixtures],
]

type Answer = ResponseFixture | StreamFixture
const answered = (fixtures: readonly Fixture[]): readonly Answer[] =>
  fixtures.flatMap((fixture) => (fixture.kind === 'error' || fixture.expect.error ? [] : [fixture]))

describe.each(HOUSES)('%s', (_name, makeAdapter, fixtures) => {
  it.each(answered(fixtures).map((fixture) => [`${fixture.kind}: ${fixture.name}`, fixture] as const))(
    '%s',
    async (_title, fixture) => {
      const usage = await usageOf(makeAdapter, fixture)
      expect(usage.total_tokens).toBe(usage.prompt_tokens + usage.completion_tokens)
      const classes = tokenClasses(usage)
      const { freshInput, cacheRead, cacheWrite, cacheWrite1h, output, reasoning } = classes
      expect(freshInput + cacheRead + cacheWrite + cacheWrite1h).toBe(usage.prompt_tokens)
      expect(output + reasoning).toBe(usage.completion_tokens)
      for (const count of Object.values(classes)) expect(count).toBeGreaterThanOrEqual(0)
      const expected = fixture.expect.usage ?? {}
      expect(inclusive(usage)).toMatchObject({ ...expected })
    },
  )

  const names = new Set(answered(fixtures).flatMap(({ pair }) => pair ?? []))
  const byPair = [...names].map(
    (name) => [name, answered(fixtures).filter(({ pair }) => pair === name)] as const,
  )
  it.each(byPair)('whole and streamed agree: %s', async (_pair, alike) => {
    const usages = await Promise.all(alike.map((fixture) => usageOf(makeAdapter, fixture)))
    expect(alike.length).toBeGreaterThan(1)
    for (const usage of usages) expect(usage).toEqual(usages[0])
  })
})

const inclusive = ({
  prompt_tokens,
  completion_tokens,
  prompt_tokens_details,
  completion_tokens_details,
}: Usage) => ({
  inputTokens: prompt_tokens,
  outputTokens: completion_tokens,
  cachedTokens: prompt_tokens_details?.cached_tokens ?? 0,
  cacheWriteTokens: prompt_tokens_details?.cache_write_tokens ?? 0,
  reasoningTokens: completion_tokens_details?.reasoning_tokens ?? 0,
})

/** Reads a fixture through the whole gateway. */
async function usageOf(
  makeAdapter: MakeAdapter,
  { kind, body, headers, model, request }: Answer,
): Promise<Usage> {
  const type = kind === 'stream' ? 'text/event-stream' : 'application/json'
  const adapter: Adapter = makeAdapter({
    apiKey: 'key',
    fetch: () => Promise.resolve(new Response(body, { headers: { 'content-type': type, ...headers } })),
  })
  await using gateway = createGateway({ providers: { house: adapter } })
  const asked = {
    messages: [{ role: 'user' as const, content: 'Hi' }],
    ...request,
    model: `house/${model ?? adapter.models[0] ?? 'any/model'}` as const,
  }
  const answer = kind === 'stream' ? await gateway.stream(asked).final() : await gateway.chat(asked)
  return answer.usage
}
