/** The clients that are compared: the same request to the same upstream, the same text out. */
import { createGateway } from '@turnout/core'
import { openai } from '@turnout/openai'
import { createParser } from 'eventsource-parser'
import { Pool } from 'undici'

export interface Contender {
  readonly name: string
  /** One whole answer; gives its text. */
  readonly whole: () => Promise<string>
  /** One stream; gives its text. */
  readonly stream: () => Promise<string>
  readonly close: () => Promise<void>
}

interface Answer {
  readonly choices: readonly { readonly message: { readonly content: string } }[]
}
interface Event {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
}

export function contenders(
  port: number,
  messages: readonly { readonly role: 'user'; readonly content: string }[],
): readonly Contender[] {
  const origin = `http://127.0.0.1:${port}`
  const request = { model: 'gpt-4.1', messages }
  const headers = { 'content-type': 'application/json', authorization: 'Bearer bench' }
  const streamed = { ...request, stream: true, stream_options: { include_usage: true } }

  const pool = new Pool(origin)
  const post = (body: object) =>
    pool.request({ path: '/v1/chat/completions', method: 'POST', headers, body: JSON.stringify(body) })
  const undici: Contender = {
    name: 'bare undici request',
    whole: async () => textOf(JSON.parse(await (await post(request)).body.text()) as Answer),
    stream: async () => readEvents((await post(streamed)).body),
    close: () => pool.close(),
  }

  const fetched = (body: object) =>
    fetch(`${origin}/v1/chat/completions`, { method: 'POST', headers, body: JSON.stringify(body) })
  const bareFetch: Contender = {
    name: 'bare fetch',
    whole: async () => textOf(JSON.parse(await (await fetched(request)).text()) as Answer),
    stream: async () => readEvents((await fetched(streamed)).body as unknown as AsyncIterable<Uint8Array>),
    close: () => Promise.resolve(),
  }

  const gateway = createGateway({
    providers: { openai: openai({ apiKey: 'bench', baseURL: `${origin}/v1`, api: 'chat' }) },
    routes: { bench: ['openai/gpt-4.1', 'openai/gpt-4.1-mini'] },
  })
  const turnout: Contender = {
    name: 'Turnout',
    whole: async () => (await gateway.chat({ ...request, model: 'bench' })).choices[0]?.message.content ?? '',
    async stream() {
      let text = ''
      for await (const chunk of gateway.stream({ ...request, model: 'bench' }))
        text += chunk.choices[0]?.delta.content ?? ''
      return text
    },
    close: () => gateway.close(),
  }
  return [undici, bareFetch, turnout]
}

const textOf = (answer: Answer): string => answer.choices[0]?.message.content ?? ''

/** What everybody would write: eventsource-parser and `JSON.parse`, nothing else. */
async function readEvents(body: AsyncIterable<Uint8Array>): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  const parser = createParser({
    onEvent({ data }) {
      if (data !== '[DONE]') text += (JSON.parse(data) as Event).choices[0]?.delta.content ?? ''
    },
  })
  for await (const bytes of body) parser.feed(decoder.decode(bytes, { stream: true }))
  return text
}
