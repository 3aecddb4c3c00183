// Writes docs/providers/<name>.md: what each provider's models take, asked of the code that sends it.
//   node scripts/generate-provider-docs.mjs [--check]     --check changes nothing and fails when a page is stale
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const root = join(import.meta.dirname, '..')
export const providerDocsFolder = join(root, 'docs', 'providers')

/** An aggregator lists no models of its own: one id stands for all. */
export const PROVIDERS = [
  { name: 'openai', title: 'OpenAI' },
  { name: 'anthropic', title: 'Anthropic' },
  { name: 'gemini', title: 'Google Gemini' },
  { name: 'mistral', title: 'Mistral' },
  { name: 'deepseek', title: 'DeepSeek' },
  { name: 'qwen', title: 'Qwen' },
  { name: 'xai', title: 'xAI' },
  { name: 'openrouter', title: 'OpenRouter', models: ['vendor/model'] },
  { name: 'tokenmix', title: 'TokenMix.ai', models: ['vendor/model'] },
].filter(({ name }) => existsSync(join(root, 'packages', name, 'src', 'index.ts')))

const question = { role: 'user', content: 'Hi' }
const tool = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } }
const schema = {
  type: 'object',
  properties: { a: { type: 'string' } },
  required: ['a'],
  additionalProperties: false,
}
const effort = (word) => [`reasoning_effort: ${word}`, { reasoning_effort: word }]

/** What is asked of every model, one setting at a time. */
const PROBES = [
  ['temperature: 0.3', { temperature: 0.3 }],
  ['temperature: 2', { temperature: 2 }],
  ['top_p', { top_p: 0.5 }],
  ['top_k', { top_k: 5 }],
  ['stop', { stop: ['END'] }],
  ['seed', { seed: 7 }],
  ['n: 2', { n: 2 }],
  ['presence_penalty', { presence_penalty: 0.5 }],
  ['frequency_penalty', { frequency_penalty: 0.5 }],
  ['logit_bias', { logit_bias: { 1: 5 } }],
  ['logprobs', { logprobs: true }],
  ['max_tokens', { max_tokens: 100 }],
  ...['none', 'minimal', 'low', 'medium', 'high', 'xhigh'].map(effort),
  ['verbosity', { verbosity: 'low' }],
  ['parallel_tool_calls: false', { tools: [tool], parallel_tool_calls: false }],
  ['tool_choice: required', { tools: [tool], tool_choice: 'required' }],
  ['response_format: json_object', { response_format: { type: 'json_object' } }],
  [
    'response_format: json_schema',
    { response_format: { type: 'json_schema', json_schema: { name: 'x', schema, strict: true } } },
  ],
  ['a developer message', { messages: [{ role: 'developer', content: 'Be brief.' }, question] }],
  ['user', { user: 'u-1' }],
  ['metadata', { metadata: { a: 'b' } }],
  ['service_tier', { service_tier: 'auto' }],
  ['store: true', { store: true }],
]

/** One request through the adapter, up to the moment of sending. */
async function send(adapter, sent, model, request) {
  const warnings = []
  sent.body = undefined
  const source = adapter.chat(
    { model, messages: [question], ...request },
    {
      requestId: 'docs',
      provider: adapter.name,
      model,
      stream: false,
      signal: new AbortController().signal,
      unsupported: 'warn',
      mark() {},
      warn: (warning) => warnings.push(warning.message),
      response() {},
    },
  )
  const error = await source.next().then(
    () => undefined,
    (reason) => reason,
  )
  return { body: sent.body, warnings, refusal: sent.body === undefined ? error?.message : undefined }
}

/** What became of one setting, in a few words. */
function outcomeOf(plain, probed) {
  if (probed.refusal !== undefined) return `refused: ${probed.refusal}`
  if (probed.warnings.length > 0) return probed.warnings.join('; ')
  const fields = changedFields(plain.body, probed.body)
  return fields.length === 0
    ? 'left out: it asks for what happens anyway'
    : `sent as ${fields.map(code).join(', ')}`
}

/** The paths whose value differs; ids made up for a request are not among them. */
function changedFields(before, after, path = '') {
  const found = []
  for (const key of new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])) {
    if (['model', 'messages', 'contents', 'input', 'tools', 'stream'].includes(key)) continue
    const [one, other] = [before?.[key], after?.[key]]
    if (JSON.stringify(one) === JSON.stringify(other)) continue
    const isDeeper = path === '' && isPlain(other) && ['generationConfig', 'reasoning', 'text'].includes(key)
    if (isDeeper) found.push(...changedFields(one, other, `${key}.`))
    else found.push(`${path}${key}`)
  }
  if (path === '' && found.length === 0) {
    for (const key of ['messages', 'contents', 'input', 'tools', 'instructions'])
      if (JSON.stringify(before?.[key]) !== JSON.stringify(after?.[key])) found.push(key)
  }
  return found
}
const isPlain = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)

const CAPABILITIES = ['tools', 'images', 'audio', 'files', 'jsonSchema', 'reasoning', 'prefill', 'streamOnly']

async function pageOf({ name, title, models: listed }) {
  const factory = (await import(built(name, 'index.js')))[name]
  const sent = {}
  const adapter = factory({
    apiKey: 'docs',
    fetch: (_url, init) => {
      sent.body = JSON.parse(init.body)
      return Promise.reject(new TypeError('nothing is sent'))
    },
  })
  const models = listed ?? adapter.models
  const groups = new Map()
  for (const model of models) {
    const can = adapter.capabilities?.(model) ?? {}
    if (can.embeddings === true && can.tools === false) continue
    const plain = await send(adapter, sent, model, {})
    const outcomes = []
    for (const [what, request] of PROBES) {
      outcomes.push([
        what,
        outcomeOf(plain, await send(adapter, sent, model, request)).replaceAll(model, 'the model'),
      ])
    }
    const key = JSON.stringify([outcomes, CAPABILITIES.map((capability) => can[capability])])
    const group = groups.get(key) ?? { models: [], outcomes, can: [] }
    group.models.push(model)
    group.can.push(can)
    groups.set(key, group)
  }
  const embeds = models.filter((model) => adapter.capabilities?.(model).embeddings === true)
  return [
    `# What ${title}'s models take`,
    '',
    `<!-- Generated from packages/${name} by scripts/generate-provider-docs.mjs: do not edit. -->`,
    '',
    `Each table was made by asking the adapter to encode a request with one setting at a time, for every model it lists${listed ? ' (an aggregator lists none: any id is treated like this)' : ''}. What stands here is what is sent. With \`unsupported: 'error'\` whatever was changed or left out is refused instead. An id that is not listed works too, behind the provider's prefix.`,
    '',
    `How to set it up and what is adapted besides: [packages/${name}](../../packages/${name}/README.md).`,
    ...[...groups.values()].flatMap(sectionOf),
    ...(embeds.length > 0 ? ['', '## Embeddings', '', `${embeds.map(code).join(', ')}.`] : []),
    '',
  ].join('\n')
}

function sectionOf({ models, outcomes, can }) {
  const known = can[0]
  const does = CAPABILITIES.filter((capability) => known[capability] === true)
  const doesNot = CAPABILITIES.filter((capability) => known[capability] === false)
  const windows = [...new Set(can.map(({ contextTokens }) => contextTokens).filter(Boolean))].toSorted(
    (a, b) => a - b,
  )
  return [
    '',
    `## ${models.map(code).join(', ')}`,
    '',
    [
      does.length > 0 && `Takes or does: ${does.join(', ')}.`,
      doesNot.length > 0 && `Does not: ${doesNot.join(', ')}.`,
      windows.length > 0 &&
        `Context: ${windows.map((tokens) => tokens.toLocaleString('en-US')).join(' or ')} tokens.`,
      does.length + doesNot.length === 0 && 'What it can do is not known, so nothing is ruled out.',
    ]
      .filter(Boolean)
      .join(' '),
    '',
    '| asked for | what happens |',
    '|---|---|',
    ...outcomes.map(
      ([what, outcome]) => `| ${code(what)} | ${outcome.replaceAll('|', '\\|').replaceAll('\n', ' ')} |`,
    ),
  ]
}

const code = (text) => `\`${text}\``
const built = (name, file) => pathToFileURL(join(root, 'packages', name, 'dist', file)).href

async function main() {
  const stale = []
  for (const provider of PROVIDERS) {
    const file = join(providerDocsFolder, `${provider.name}.md`)
    const page = await pageOf(provider)
    if (existsSync(file) && readFileSync(file, 'utf8') === page) continue
    if (process.argv.includes('--check')) stale.push(`docs/providers/${provider.name}.md`)
    else {
      mkdirSync(providerDocsFolder, { recursive: true })
      writeFileSync(file, page)
      console.log(`wrote docs/providers/${provider.name}.md`)
    }
  }
  if (stale.length > 0) {
    console.error(`stale: ${stale.join(', ')}; run npm run docs:providers`)
    process.exitCode = 1
  } else console.log(`provider pages: ${PROVIDERS.length}, all up to date`)
}

if (process.argv[1] === import.meta.filename) await main()
