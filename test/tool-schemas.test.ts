/** Tool definitions as real MCP servers give them: to every dialect, and their calls back. */
import { createGateway, type Tool } from '@turnout/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MCP_TOOLS } from './mcp-tools.js'
import { PROVIDERS, type HouseProvider } from './providers.js'

type Body = Record<string, unknown>

/** The tools of a request in the order given, by their names on the wire. */
function wireNames(body: unknown): readonly string[] {
  const { tools = [] } = body as { tools?: readonly Body[] }
  return tools.flatMap((tool) => {
    const declared = tool.functionDeclarations as readonly Body[] | undefined
    const each = declared ?? [(tool.function as Body | undefined) ?? tool]
    return each.map(({ name }) => String(name))
  })
}

async function callTool(provider: HouseProvider, tools: readonly Tool[], at: number, text: string) {
  await using server = await provider.emulate({
    replies: ({ body, index }) =>
      index === 0 ? { toolCalls: [{ name: wireNames(body)[at]!, arguments: text }] } : 'Done.',
  })
  await using gateway = createGateway({
    providers: { house: provider.adapter({ baseURL: server.baseURL, apiKey: 'key' }) },
  })
  const request = { model: `house/${provider.model}` as const, tools, max_tokens: 4_000 }
  const question = { role: 'user', content: 'Do it.' } as const
  const first = await gateway.chat({ ...request, messages: [question] })
  const message = first.choices[0]!.message
  const result = { role: 'tool', tool_call_id: message.tool_calls![0]!.id, content: 'ok' } as const
  const second = await gateway.chat({ ...request, messages: [question, message, result] })
  return { first, second, server }
}

describe.each(PROVIDERS.map((provider) => [provider.name, provider] as const))('%s', (_name, provider) => {
  it.each(MCP_TOOLS.map((tool, at) => [tool.function.name, at] as const))('calls %s', async (name, at) => {
    const text = '{"path": "/tmp/ü \\"x\\"", "n": 1e3}'
    const { first, second, server } = await callTool(provider, MCP_TOOLS, at, text)
    const call = first.choices[0]!.message.tool_calls![0]!.function
    expect(call.name).toBe(name)
    expect(JSON.parse(call.arguments)).toEqual(JSON.parse(text))
    expect(second.choices[0]!.message.content).toBe('Done.')
    const names = wireNames(server.requests[0]!.body)
    expect(new Set(names).size).toBe(MCP_TOOLS.length)
    for (const wire of names) expect(wire).toMatch(/^[\w.:-]{1,128}$/)
  })

  it('says what it had to leave out of a schema, and changes no definition', async () => {
    const before = JSON.stringify(MCP_TOOLS)
    const { first } = await callTool(provider, MCP_TOOLS, 0, '{}')
    expect(JSON.stringify(MCP_TOOLS)).toBe(before)
    for (const { code, path } of first.gateway.warnings) {
      expect(code).toBe('setting_changed')
      expect(path).toMatch(/^tools\[\d+\]/)
    }
  })

  it('brings any arguments back as they were', async () => {
    await fc.assert(
      fc.asyncProperty(fc.dictionary(fc.string(), fc.jsonValue()), async (args) => {
        const text = JSON.stringify(args)
        // Where arguments travel as objects, the one reader of JSON leaves this key out: it would change the object.
        fc.pre(!text.includes('__proto__'))
        const { first } = await callTool(provider, MCP_TOOLS.slice(0, 2), 1, text)
        expect(JSON.parse(first.choices[0]!.message.tool_calls![0]!.function.arguments)).toEqual(
          JSON.parse(text),
        )
      }),
      { numRuns: 15 },
    )
  })
})
