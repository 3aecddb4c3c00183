/** The first sign of trouble at one target opens a connection to the next. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createGateway } from '@turnout/core'
import { openai } from '@turnout/openai'
import { openaiEmulator } from '@turnout/testing/emulators'
import { expect, it, onTestFinished } from 'vitest'

const answer = {
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-4.1',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hello.' }, finish_reason: 'stop' }],
}

it('is connected to before it is asked', async () => {
  const seen: string[] = []
  const spare = createServer((_request, response) => {
    seen.push('request')
    response.setHeader('content-type', 'application/json').end(JSON.stringify(answer))
  })
  spare.on('connection', () => seen.push('connection'))
  spare.listen(0, '127.0.0.1')
  await once(spare, 'listening')
  onTestFinished(() => void spare.close())
  const { port } = spare.address() as { port: number }

  await using primary = await openaiEmulator({
    replies: ({ index }) => {
      seen.push(`primary ${index}`)
      return { error: 'overloaded' }
    },
  })
  await using gateway = createGateway({
    providers: {
      primary: openai({ apiKey: 'key', baseURL: primary.baseURL, api: 'chat' }),
      spare: openai({ apiKey: 'key', baseURL: `http://127.0.0.1:${port}/v1`, api: 'chat' }),
    },
    routes: { r: ['primary/gpt-4.1', 'spare/gpt-4.1'] },
    retry: { maxPerTarget: 2 },
  })
  const { gateway: meta } = await gateway.chat({ model: 'r', messages: [{ role: 'user', content: 'Hi' }] })
  expect(meta.provider).toBe('spare')
  // Connected to in the pause before the second try at the first target; the one connection serves the request.
  expect(seen).toEqual(['primary 0', 'connection', 'primary 1', 'request'])
})
