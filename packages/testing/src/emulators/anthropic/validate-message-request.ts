/** The checks that Anthropic makes on everything but the turns: fields, limits, tools, thinking, cache marks. */
import { isGiven, isRecord, recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { claudeFamily, type ClaudeFamily } from './anthropic-model-rules.js'
import { refuseMessage } from './refuse-message.js'
import { validateMessageTurns } from './validate-message-turns.js'

/** The versions that are alive; the newer one takes no sampling settings at all. */
const VERSIONS = ['2023-06-01', '2026-10-21']

const FIELDS = [
  'cache_control',
  'container',
  'context_management',
  'diagnostics',
  'inference_geo',
  'max_tokens',
  'mcp_servers',
  'messages',
  'metadata',
  'model',
  'output_config',
  'service_tier',
  'speed',
  'stop_sequences',
  'stream',
  'system',
  'thinking',
  'tool_choice',
  'tools',
  'user_profile_id',
  'workspace_id',
]
const SAMPLING = ['temperature', 'top_p', 'top_k'] as const

/** @param counting for `count_tokens`, which takes no `max_tokens`. @throws Refusal */
export function validateMessageRequest(
  body: unknown,
  version: string | undefined,
  counting = false,
): JsonRecord {
  if (version === undefined) refuseMessage('anthropic-version: header is required')
  if (!VERSIONS.includes(version)) refuseMessage(`anthropic-version: "${version}" is not a valid version`)
  if (!isRecord(body)) refuseMessage('The request body is not valid JSON')
  const known = version === '2023-06-01' ? [...FIELDS, ...SAMPLING] : FIELDS
  const unknown = Object.keys(body).find((name) => !known.includes(name))
  if (unknown !== undefined) refuseMessage(`${unknown}: Extra inputs are not permitted`)
  if (typeof body['model'] !== 'string') refuseMessage('model: Field required')
  const family = claudeFamily(body['model'])
  if (!counting) checkMaxTokens(body, family)
  validateMessageTurns(body['messages'], family)
  checkSampling(body, family)
  checkThinking(body, family)
  checkTools(body)
  checkCacheMarks(body)
  for (const word of Array.isArray(body['stop_sequences'])
    ? (body['stop_sequences'] as readonly unknown[])
    : []) {
    if (textOf(word).trim() === '')
      refuseMessage('stop_sequences: each stop sequence must contain non-whitespace')
  }
  const format = isRecord(body['output_config']) ? body['output_config']['format'] : undefined
  if (isRecord(format)) checkOutputSchema(format['schema'], 'output_config.format.schema')
  return body
}

function checkMaxTokens(body: JsonRecord, family: ClaudeFamily): void {
  const max = body['max_tokens']
  if (max === undefined) refuseMessage('max_tokens: Field required')
  if (typeof max !== 'number' || max < 1)
    refuseMessage('max_tokens: Input should be greater than or equal to 1')
  if (max > family.maxOutputTokens) {
    refuseMessage(
      `max_tokens: ${max} > ${family.maxOutputTokens}, which is the maximum allowed number of output tokens for ${body['model']}`,
    )
  }
}

function checkSampling(body: JsonRecord, family: ClaudeFamily): void {
  const {
    temperature,
    top_p: topP,
    top_k: topK,
  } = body as { temperature?: number; top_p?: number; top_k?: number }
  if (isGiven(temperature) && (typeof temperature !== 'number' || temperature < 0 || temperature > 1)) {
    refuseMessage('temperature: range: 0..1')
  }
  if (family.sampling === 'fixed') {
    if (isGiven(temperature) && temperature !== 1)
      refuseMessage('`temperature` may only be set to 1 for this model.')
    if (isGiven(topP) && Number(topP) < 0.99)
      refuseMessage('`top_p` must be greater than or equal to 0.99 for this model.')
    if (isGiven(topK)) refuseMessage('`top_k` is not supported for this model.')
  } else if (isGiven(temperature) && isGiven(topP) && /-4-[15]|-4-6/.test(body['model'] as string)) {
    refuseMessage('`temperature` and `top_p` cannot both be specified for this model. Please use only one.')
  }
}

function checkThinking(body: JsonRecord, family: ClaudeFamily): void {
  const thinking = body['thinking']
  if (!isRecord(thinking) || thinking['type'] !== 'enabled') return
  if (!family.budgetThinking)
    refuseMessage('thinking.type: `enabled` is not supported for this model. Use `adaptive`.')
  const budget = thinking['budget_tokens']
  if (typeof budget !== 'number' || budget < 1_024)
    refuseMessage('thinking.enabled.budget_tokens: Input should be greater than or equal to 1024')
  if (typeof body['max_tokens'] === 'number' && body['max_tokens'] <= budget)
    refuseMessage('`max_tokens` must be greater than `thinking.budget_tokens`.')
  if (isGiven(body['temperature']) && body['temperature'] !== 1)
    refuseMessage('`temperature` may only be set to 1 when thinking is enabled.')
  if (isGiven(body['top_k'])) refuseMessage('`top_k` must be unset when thinking is enabled.')
  const choice = isRecord(body['tool_choice']) ? textOf(body['tool_choice']['type']) : ''
  if (choice === 'any' || choice === 'tool')
    refuseMessage('Thinking may not be enabled when tool_choice forces tool use.')
  const turns = recordsOf(body['messages'])
  const last = turns.findLastIndex((turn) => turn['role'] === 'assistant')
  const blocks = recordsOf(turns[last]?.['content'])
  const first = textOf(blocks[0]?.['type'])
  if (
    blocks.some((block) => block['type'] === 'tool_use') &&
    first !== 'thinking' &&
    first !== 'redacted_thinking'
  ) {
    refuseMessage(
      `messages.${last}.content.0.type: Expected \`thinking\` or \`redacted_thinking\`, but found \`${first}\`. When \`thinking\` is enabled, a final \`assistant\` message must start with a thinking block.`,
    )
  }
}

function checkTools(body: JsonRecord): void {
  if (body['tool_choice'] !== undefined && !Array.isArray(body['tools']))
    refuseMessage('tool_choice: may only be specified while providing tools')
  recordsOf(body['tools']).forEach((tool, index) => {
    if (tool['type'] !== undefined && tool['type'] !== 'custom') return
    const path = `tools.${index}.custom`
    if (!/^[a-zA-Z0-9_-]{1,128}$/.test(textOf(tool['name'])))
      refuseMessage(`${path}.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'`)
    const schema = tool['input_schema']
    if (!isRecord(schema)) refuseMessage(`${path}.input_schema: Field required`)
    if (schema['type'] !== 'object') refuseMessage(`${path}.input_schema.type: Field required`)
    const top = ['oneOf', 'anyOf', 'allOf'].find((word) => Object.hasOwn(schema, word))
    if (top)
      refuseMessage(
        `${path}.input_schema: input_schema does not support oneOf, allOf, or anyOf at the top level`,
      )
    if (tool['strict'] === true) checkOutputSchema(schema, `${path}.input_schema`)
  })
}

function checkCacheMarks(body: JsonRecord): void {
  const blocks = [body, ...recordsOf(body['tools']), ...recordsOf(body['system'])]
  for (const turn of recordsOf(body['messages'])) blocks.push(...recordsOf(turn['content']))
  const marked = blocks.filter((block) => isGiven(block['cache_control'])).length
  if (marked > 4) refuseMessage(`A maximum of 4 blocks with cache_control may be provided. Found ${marked}.`)
}

const REFUSED_WORDS = [
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'maxItems',
  'multipleOf',
  'pattern',
  'patternProperties',
]

/** Structured output: closed objects, no limits. */
function checkOutputSchema(schema: unknown, path: string): void {
  if (!isRecord(schema)) return
  if (schema['type'] === 'object' && schema['additionalProperties'] !== false) {
    refuseMessage(`${path}: For 'object' type, 'additionalProperties' must be explicitly set to false`)
  }
  const refused = REFUSED_WORDS.find((word) => Object.hasOwn(schema, word))
  if (refused)
    refuseMessage(`${path}: For '${textOf(schema['type'])}' type, property '${refused}' is not supported`)
  for (const word of ['properties', '$defs']) {
    if (isRecord(schema[word]))
      for (const [name, value] of Object.entries(schema[word]))
        checkOutputSchema(value, `${path}.${word}.${name}`)
  }
  checkOutputSchema(schema['items'], `${path}.items`)
  recordsOf(schema['anyOf']).forEach((value, index) => checkOutputSchema(value, `${path}.anyOf.${index}`))
}
