/** What reaches Anthropic through the gateway is what the bare client would have sent. */
import type Anthropic from '@anthropic-ai/sdk'
import { expect } from 'vitest'
import { CLAUDE, failed, mirrorClient, type MirrorStage } from './anthropic-client.js'
import { scenario } from './scenario.js'

type Body = Anthropic.MessageCreateParamsNonStreaming
type Rest = Partial<Body> & Record<string, unknown>

const base: Body = { model: CLAUDE, max_tokens: 3_000, messages: [{ role: 'user', content: 'Well?' }] }
const PNG = 'iVBORw0KGgo='
const schema = {
  type: 'object' as const,
  properties: { city: { type: 'string' } },
  required: ['city'],
  additionalProperties: false,
}
const tool: Anthropic.Tool = { name: 'weather', description: 'Of a city', input_schema: schema }
const cached = { cache_control: { type: 'ephemeral' as const } }
const call = { type: 'tool_use' as const, id: 'toolu_1', name: 'weather', input: { city: 'Oslo' } }

/** Strings and lists of one plain text say the same; so does a field that is absent and one that is `null`. */
function settled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(settled)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value)
    .filter(([, field]) => field !== null)
    .map(([name, field]) => [
      name,
      name === 'content' || name === 'system' ? asBlocks(field) : settled(field),
    ])
  return Object.fromEntries(entries)
}
const asBlocks = (content: unknown): unknown =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : settled(content)

async function bothBodies({ client, bare, server }: MirrorStage, body: Body): Promise<readonly unknown[]> {
  await failed(bare.messages.create(body))
  await failed(client.messages.create(body))
  expect(server.requests).toHaveLength(2)
  return server.requests.map((request) => settled(request.body))
}

const REQUESTS: readonly (readonly [string, Rest])[] = [
  ['a plain text', {}],
  [
    'a system prompt in blocks, with a cache mark',
    {
      system: [
        { type: 'text', text: 'Be kind.' },
        { type: 'text', text: 'Be brief.', ...cached },
      ],
    },
  ],
  ['one system text', { system: 'Be kind.' }],
  ['settings', { temperature: 0.3, top_k: 5, stop_sequences: ['END', 'STOP'], metadata: { user_id: 'u1' } }],
  ['a service tier', { service_tier: 'standard_only' }],
  ['top_p', { top_p: 0.9 }],
  [
    'images, of every source',
    {
      messages: [
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
            { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' }, ...cached },
            { type: 'image', source: { type: 'file', file_id: 'file_1' } },
            { type: 'text', text: 'What is it?' },
          ],
        },
      ],
    },
  ],
  [
    'documents, with what only Anthropic knows of them',
    {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'document',
              source: { type: 'base64', media_type: 'application/pdf', data: 'JVBERi0=' },
              title: 'A report',
              context: 'From 2025.',
              citations: { enabled: true },
            },
            { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Grün.' } },
            { type: 'document', source: { type: 'url', url: 'https://example.com/a.pdf' } },
            {
              type: 'document',
              source: { type: 'content', content: [{ type: 'text', text: 'One.' }] },
              citations: { enabled: true },
            },
            { type: 'text', text: 'Compare.' },
          ],
        },
      ],
    },
  ],
  [
    'search results',
    {
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'search_result',
              source: 'https://example.com',
              title: 'Example',
              content: [{ type: 'text', text: 'Found.' }],
              citations: { enabled: true },
            },
            { type: 'text', text: 'Is it?' },
          ],
        },
      ],
    },
  ],
  [
    'tools, a choice among them and their results',
    {
      tools: [tool, { ...tool, name: 'other', type: 'custom', defer_loading: true, ...cached }],
      tool_choice: { type: 'auto', disable_parallel_tool_use: true },
      messages: [
        { role: 'user', content: 'Weather?' },
        {
          role: 'assistant',
          content: [{ type: 'text', text: 'One moment.' }, call, { ...call, id: 'toolu_2', input: {} }],
        },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'toolu_1', content: 'Rain', ...cached },
            {
              type: 'tool_result',
              tool_use_id: 'toolu_2',
              is_error: true,
              content: [
                { type: 'text', text: 'Broken.' },
                { type: 'image', source: { type: 'base64', media_type: 'image/png', data: PNG } },
              ],
            },
            { type: 'text', text: 'Go on.' },
          ],
        },
      ],
    },
  ],
  ['a tool that must be called', { tools: [tool], tool_choice: { type: 'any' } }],
  ['one tool by name', { tools: [tool], tool_choice: { type: 'tool', name: 'weather' } }],
  ['no tool at all', { tools: [tool], tool_choice: { type: 'none' } }],
  ['a strict tool', { tools: [{ ...tool, strict: true }] }],
  [
    "Anthropic's own tools, and what they were called with",
    {
      tools: [
        { type: 'bash_20250124', name: 'bash' },
        { type: 'web_search_20250305', name: 'web_search', max_uses: 2 },
      ],
      tool_choice: { type: 'tool', name: 'bash' },
      messages: [
        { role: 'user', content: 'Look.' },
        { role: 'assistant', content: [{ ...call, name: 'bash', input: { command: 'ls' } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_1', content: 'a.txt' }] },
      ],
    },
  ],
  [
    "one of Anthropic's own tools that must be called",
    { tools: [{ type: 'bash_20250124', name: 'bash' }], tool_choice: { type: 'any' } },
  ],
  ['a schema for the answer', { output_config: { format: { type: 'json_schema', schema } } }],
  ['a thinking budget', { thinking: { type: 'enabled', budget_tokens: 1_500 } }],
  ['thinking switched off', { thinking: { type: 'disabled' } }],
  ['thinking that is adaptive', { model: 'claude-opus-4-6', thinking: { type: 'adaptive' } }],
  [
    'thinking with an effort and without its text',
    {
      model: 'claude-opus-5-5',
      thinking: { type: 'adaptive', display: 'omitted' },
      output_config: { effort: 'low' },
    },
  ],
  ['an effort alone', { model: 'claude-opus-4-6', output_config: { effort: 'low' } }],
  ['little room for a model that thinks unasked', { model: 'claude-opus-5-5', max_tokens: 200 }],
  [
    'a text to go on with',
    {
      messages: [
        { role: 'user', content: 'Count.' },
        { role: 'assistant', content: 'One, two,' },
      ],
    },
  ],
  [
    'a conversation whose blocks are marked',
    {
      messages: [
        { role: 'user', content: [{ type: 'text', text: 'One.', ...cached }] },
        {
          role: 'assistant',
          content: [
            { type: 'text', text: 'Two.', ...cached },
            { type: 'text', text: 'Three.' },
          ],
        },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'Four.' },
            { type: 'text', text: 'Five.' },
          ],
        },
      ],
    },
  ],
  [
    'a system message inside the conversation',
    {
      model: 'claude-opus-5-5',
      messages: [
        { role: 'user', content: 'One.' },
        { role: 'system', content: 'Be brief from here on.' },
      ],
    },
  ],
  [
    'fields that the gateway has never heard of',
    { container: 'c1', context_management: { edits: [] }, inference_geo: 'eu' },
  ],
  ['a cache mark for the whole request', cached],
]

for (const [what, fields] of REQUESTS) {
  scenario('@anthropic-ai/sdk', `to Anthropic as it was sent: ${what}`, async (stage) => {
    await using mirror = await mirrorClient(stage)
    const [sent, arrived] = await bothBodies(mirror, { ...base, ...fields })
    expect(arrived).toEqual(sent)
    expect(mirror.server.requests[1]?.status).toBe(mirror.server.requests[0]?.status)
  })
}
