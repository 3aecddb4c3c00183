import OpenAI, { APIError, BadRequestError, RateLimitError } from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import type { Emulator, EmulatorOptions } from '../../emulator.js'
import { openaiEmulator } from '../openai-emulator.js'

const running: Emulator[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.close()))
})

async function start(options: EmulatorOptions) {
  const server = await openaiEmulator(options)
  running.push(server)
  return { server, client: new OpenAI({ baseURL: server.baseURL, apiKey: 'key-1', maxRetries: 0 }) }
}

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )
const ask = { model: 'gpt-5', input: 'Weather in Oslo?', store: false }
const parameters = {
  type: 'object',
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const tools = [{ type: 'function' as const, name: 'weather', strict: true, parameters }]

async function eventsOf(client: OpenAI, body: Parameters<OpenAI['responses']['stream']>[0]) {
  const stream = client.responses.stream(body)
  const events: OpenAI.Responses.ResponseStreamEvent[] = []
  stream.on('event', (event) => events.push(event))
  return { final: await stream.finalResponse(), events }
}

/** Items without their ids, which differ from answer to answer. */
const strip = (items: readonly OpenAI.Responses.ResponseOutputItem[]) =>
  items.map((item) => ({
    ...item,
    id: '',
    call_id: '',
    parsed_arguments: undefined,
    content:
      'content' in item && item.content
        ? item.content.map((part) => ({ ...part, parsed: undefined }))
        : undefined,
  }))

describe('the Responses API of openaiEmulator, driven by the official SDK', () => {
  it('answers whole and streamed with the same items and usage', async () => {
    const { client } = await start({
      replies: {
        reasoning: 'Two cities, so two calls.',
        text: 'Let me look.',
        toolCalls: [
          { name: 'weather', arguments: { city: 'Oslo' } },
          { name: 'weather', arguments: { city: 'Bergen' } },
        ],
        usage: {
          inputTokens: 90,
          outputTokens: 60,
          cachedTokens: 64,
          cacheWriteTokens: 8,
          reasoningTokens: 40,
        },
      },
    })
    const body = {
      ...ask,
      tools,
      reasoning: { effort: 'low' as const, summary: 'auto' as const },
      include: ['reasoning.encrypted_content' as const],
    }
    const whole = await client.responses.create(body)
    expect(whole.status).toBe('completed')
    expect(whole.output.map(({ type }) => type)).toEqual([
      'reasoning',
      'message',
      'function_call',
      'function_call',
    ])
    expect(whole.output_text).toBe('Let me look.')
    expect(whole.output[0]).toMatchObject({
      summary: [{ type: 'summary_text', text: 'Two cities, so two calls.' }],
      encrypted_content: expect.stringMatching(/^gAAAAA/) as string,
    })
    expect(whole.output[2]).toMatchObject({
      name: 'weather',
      arguments: '{"city":"Oslo"}',
      call_id: expect.stringMatching(/^call_/) as string,
    })
    expect(whole.usage).toEqual({
      input_tokens: 90,
      input_tokens_details: { cached_tokens: 64, cache_write_tokens: 8 },
      output_tokens: 60,
      output_tokens_details: { reasoning_tokens: 40 },
      total_tokens: 150,
    })

    const { final, events } = await eventsOf(client, body)
    expect(strip(final.output)).toEqual(strip(whole.output))
    expect(final.usage).toEqual(whole.usage)
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
    expect(
      events
        .map(({ type }) => type.replace('response.', ''))
        .filter((type, index, all) => type !== all[index - 1]),
    ).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'completed',
    ])
  })

  it('shows reasoning only as it was asked to', async () => {
    const { client } = await start({ replies: { reasoning: 'Secret.', text: 'Rain.' } })
    const plain = await client.responses.create(ask)
    expect(plain.output[0]).toMatchObject({ type: 'reasoning', summary: [] })
    expect(JSON.stringify(plain)).not.toMatch(/Secret|encrypted/)
    const { final, events } = await eventsOf(client, ask)
    expect(final.output_text).toBe('Rain.')
    expect(events.some(({ type }) => type.includes('summary'))).toBe(false)
  })

  it('opens an item for reasoning that is only counted', async () => {
    const { client } = await start({ replies: { text: 'Rain.', usage: { reasoningTokens: 5 } } })
    const { final } = await eventsOf(client, ask)
    expect(final.output.map(({ type }) => type)).toEqual(['reasoning', 'message'])
  })

  it('says why an answer ended', async () => {
    const { client } = await start({
      replies: [
        { text: 'cut', finishReason: 'length' },
        { finishReason: 'content_filter' },
        { refusal: 'No.' },
      ],
    })
    expect(await client.responses.create(ask)).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: 'max_output_tokens' },
    })
    expect((await eventsOf(client, ask)).events.at(-1)).toMatchObject({
      type: 'response.incomplete',
      response: { incomplete_details: { reason: 'content_filter' } },
    })
    const { final, events } = await eventsOf(client, ask)
    expect(final.output[0]).toMatchObject({ type: 'message', content: [{ type: 'refusal', refusal: 'No.' }] })
    expect(events.map(({ type }) => type)).toContain('response.refusal.done')
  })

  it('marks the phase of a message on newer models', async () => {
    const { client } = await start({ replies: 'Rain.' })
    expect((await client.responses.create({ ...ask, model: 'gpt-5.6' })).output[0]).toMatchObject({
      phase: 'final_answer',
    })
    expect((await client.responses.create(ask)).output[0]).not.toHaveProperty('phase')
  })

  it('takes its reasoning items back, and refuses halves and foreign ones', async () => {
    const { client } = await start({
      replies: [{ reasoning: 'Hm.', toolCalls: [{ name: 'weather', arguments: { city: 'Oslo' } }] }, 'Rain.'],
    })
    const include = ['reasoning.encrypted_content' as const]
    const { output } = await client.responses.create({ ...ask, tools, include })
    const [thought, call] = output as [
      OpenAI.Responses.ResponseReasoningItem,
      OpenAI.Responses.ResponseFunctionToolCall,
    ]
    const result = { type: 'function_call_output' as const, call_id: call.call_id, output: 'rain' }
    const again = (...items: OpenAI.Responses.ResponseInputItem[]) =>
      client.responses.create({ ...ask, tools, input: [{ role: 'user', content: 'Weather?' }, ...items] })
    expect((await again(thought, call, result)).output_text).toBe('Rain.')
    expect((await again(call, result)).output_text).toBe('Rain.')
    await expect(again(thought)).rejects.toThrow('without its required following item')
    await expect(again({ ...thought, encrypted_content: undefined }, call, result)).rejects.toThrow(
      'not persisted',
    )
    await expect(again({ ...thought, encrypted_content: 'gAAAAAother' }, call, result)).rejects.toMatchObject(
      { code: 'invalid_encrypted_content' },
    )
  })

  it('sends an error in the middle nested, then the failed response', async () => {
    const { server, client } = await start({
      replies: {
        text: 'a b c',
        errorEvent: { afterChunks: 2, error: 'rate_limited', message: 'Slow down.' },
      },
    })
    const failure = await failureOf(client.responses.stream(ask).finalResponse())
    expect(failure).toBeInstanceOf(APIError)
    expect(failure).toMatchObject({ code: 'rate_limit_exceeded' })
    const body = JSON.stringify({ ...ask, stream: true })
    const text = await (
      await fetch(`${server.baseURL}/responses`, {
        method: 'POST',
        headers: { authorization: 'Bearer k' },
        body,
      })
    ).text()
    const events = [...text.matchAll(/^data: (.*)$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as { type: string; sequence_number: number },
    )
    expect(events.map(({ type }) => type).slice(-3)).toEqual([
      'response.output_text.delta',
      'error',
      'response.failed',
    ])
    expect(events.map((event) => event.sequence_number)).toEqual(events.map((_, index) => index))
  })

  it('refuses as Chat Completions does, except for an unknown model', async () => {
    const { client } = await start({ models: ['gpt-5'], replies: { error: 'rate_limited' } })
    expect(await failureOf(client.responses.create(ask))).toBeInstanceOf(RateLimitError)
    const unknown = await failureOf(client.responses.create({ ...ask, model: 'gpt-99' }))
    expect(unknown).toBeInstanceOf(BadRequestError)
    expect(unknown).toMatchObject({ code: 'model_not_found' })
  })

  it('counts input tokens', async () => {
    const { client } = await start({})
    expect(await client.responses.inputTokens.count({ model: 'gpt-5', input: 'a b c' })).toMatchObject({
      object: 'response.input_tokens',
      input_tokens: expect.any(Number) as number,
    })
  })

  const call = (id: string) => ({ type: 'function_call', call_id: id, name: 'f', arguments: '{}' })
  const output = (id: string) => ({ type: 'function_call_output', call_id: id, output: 'ok' })
  it.each<[string, object, string | null, string | null, RegExp]>([
    ['an unknown field', { stop: ['a'] }, 'stop', 'unknown_parameter', /stop/],
    ['no input', { input: undefined }, 'input', 'missing_required_parameter', /input/],
    ['few output tokens', { max_output_tokens: 5 }, 'max_output_tokens', 'integer_below_min_value', />= 16/],
    [
      'temperature while reasoning',
      { temperature: 0.5 },
      'temperature',
      'unsupported_parameter',
      /temperature/,
    ],
    [
      'effort at a model without',
      { model: 'gpt-4.1', reasoning: { effort: 'low' } },
      'reasoning.effort',
      'unsupported_parameter',
      /effort/,
    ],
    [
      'an unknown earlier response',
      { previous_response_id: 'resp_1' },
      'previous_response_id',
      'previous_response_not_found',
      /resp_1/,
    ],
    [
      'a nested tool',
      { tools: [{ type: 'function', function: { name: 'f' } }] },
      'tools[0].name',
      'missing_required_parameter',
      /name/,
    ],
    [
      'a loose schema without strict: false',
      { tools: [{ type: 'function', name: 'f', parameters: { type: 'object', properties: {} } }] },
      'tools[0].parameters',
      'invalid_json_schema',
      /additionalProperties/,
    ],
    [
      'a nested tool choice',
      { tools, tool_choice: { type: 'function', function: { name: 'weather' } } },
      'tool_choice.name',
      'missing_required_parameter',
      /tool_choice/,
    ],
    [
      'a nested image',
      { input: [{ role: 'user', content: [{ type: 'input_image', image_url: { url: 'x' } }] }] },
      'input[0].content[0].image_url',
      'invalid_type',
      /image/,
    ],
    [
      'input_text of an assistant',
      { input: [{ role: 'assistant', content: [{ type: 'input_text', text: 'x' }] }] },
      'input[0].content[0].type',
      'invalid_value',
      /output_text/,
    ],
    [
      'a call id as item id',
      { input: [{ ...call('c'), id: 'call_1' }, output('c')] },
      'input[0].id',
      'invalid_value',
      /fc/,
    ],
    [
      'a call id of 65 characters',
      { input: [call('c'.repeat(65)), output('c'.repeat(65))] },
      'input[0].call_id',
      'string_above_max_length',
      /64/,
    ],
    [
      'a call without output',
      { input: [call('c')] },
      'input',
      null,
      /No tool output found for function call c/,
    ],
    ['an output without call', { input: [output('c')] }, 'input', null, /No tool call found/],
    [
      'a format without a name',
      { text: { format: { type: 'json_schema', schema: {} } } },
      'text.format.name',
      'missing_required_parameter',
      /name/,
    ],
  ])('refuses %s', async (_name, more, param, code, message) => {
    const { server } = await start({})
    const response = await fetch(`${server.baseURL}/responses`, {
      method: 'POST',
      headers: { authorization: 'Bearer k' },
      body: JSON.stringify({ ...ask, ...more }),
    })
    const { error } = (await response.json()) as {
      error: { message: string; param: string | null; code: string | null }
    }
    expect({ status: response.status, param: error.param, code: error.code }).toEqual({
      status: 400,
      param,
      code,
    })
    expect(error.message).toMatch(message)
  })
})
