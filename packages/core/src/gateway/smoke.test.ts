import { expect, it } from 'vitest'
import { createGateway } from '../index.js'
import type { Adapter, ChatChunk } from '../index.js'

const head = { id: 'x', object: 'chat.completion.chunk' as const, created: 1, model: 'm' }
const adapter: Adapter<'m'> = {
  name: 'fake', models: ['m'],
  chat: (_r, ctx) => {
    const list: ChatChunk[][] = [
      [{ ...head, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hel' }, finish_reason: null }] }],
      [{ ...head, choices: [{ index: 0, delta: { content: 'lo' }, finish_reason: null }] }, { ...head, choices: [{ index: 0, delta: {}, finish_reason: 'stop', native_finish_reason: 'stop' }] }],
      [{ ...head, choices: [], usage: { prompt_tokens: 1, completion_tokens: 2, total_tokens: 3 } }],
    ]
    ctx.mark('connected')
    return { next: async () => list.shift(), cancel() {} }
  },
}
it('chats and streams', async () => {
  const gateway = createGateway({ providers: { a: adapter }, routes: { r: ['a/m'] } })
  const answer = await gateway.chat({ model: 'r', messages: [{ role: 'user', content: 'hi' }] })
  expect(answer.choices[0]?.message.content).toBe('Hello')
  const stream = gateway.stream({ model: 'a/m', messages: [{ role: 'user', content: 'hi' }] })
  const chunks = []
  for await (const chunk of stream) chunks.push(chunk)
  expect(chunks.length).toBe(4)
  expect(chunks.at(-1)?.usage?.total_tokens).toBe(3)
  expect((await stream.final()).choices[0]?.message.content).toBe('Hello')
  expect(await stream.text()).toBe('Hello')
  await expect(gateway.chat({ model: 'a/m', messages: [] })).rejects.toMatchObject({ code: 'invalid_request', path: 'messages' })
  await expect(gateway.chat({ model: 'rr' as never, messages: [{role:'user', content: 'x'}] })).rejects.toMatchObject({ code: 'no_route' })
  await gateway.close()
  await expect(gateway.chat({ model: 'a/m', messages: [{role:'user', content: 'x'}] })).rejects.toMatchObject({ code: 'closed' })
})
