import { expect, it } from 'vitest'
import { createGateway } from '@turnout/core'
import { mockAdapter } from '@turnout/testing'
import { ChatTurnout } from './chat-turnout.js'

it('a stream that begins anew is an error, not two answers in one', async () => {
  const gateway = createGateway({
    providers: {
      bad: mockAdapter({ text: ['Half an ', 'answer'], cut: { afterChunks: 1 } }),
      good: mockAdapter('A whole one.'),
    },
    routes: { summary: { targets: ['bad/m', 'good/m'], rescue: 'restart' } },
  })
  const model = new ChatTurnout({ gateway, model: 'summary' })
  let text = ''
  const read = async (): Promise<void> => {
    for await (const chunk of await model.stream('Hi')) text += chunk.text
  }
  await expect(read()).rejects.toMatchObject({ code: 'stream_interrupted' })
  expect(text).toBe('Half an ')
  await gateway.close()
})

it("a call's options add to the model's, tags and clocks each for themselves", async () => {
  const gateway = createGateway({ providers: { mock: mockAdapter('Hi.') } })
  const model = new ChatTurnout({ gateway, model: 'mock/m', options: { tags: { team: 'search' } } })
  await model.invoke('Hi', { options: { tags: { user: 'u1' } } })
  const groups = await gateway.usage({ groupBy: ['tag:team', 'tag:user'] })
  expect(groups.map(({ group }) => group)).toEqual([{ 'tag:team': 'search', 'tag:user': 'u1' }])
  await gateway.close()
})
