/** The checks that the Responses API makes on everything but the input. */
import { checkStrictSchema } from '../../chat-completions/strict-schema.js'
import { refuseParameter } from '../../chat-completions/validate-chat.js'
import { isGiven, isRecord, recordsOf, textOf, type JsonRecord } from '../../read-json.js'
import { openaiEffort } from '../openai-model-rules.js'
import { validateInputItems } from './validate-input-items.js'

const FIELDS = [
  'background',
  'context_management',
  'conversation',
  'include',
  'input',
  'instructions',
  'max_output_tokens',
  'max_tool_calls',
  'metadata',
  'model',
  'moderation',
  'parallel_tool_calls',
  'previous_response_id',
  'prompt',
  'prompt_cache_key',
  'prompt_cache_options',
  'prompt_cache_retention',
  'reasoning',
  'safety_identifier',
  'service_tier',
  'store',
  'stream',
  'stream_options',
  'temperature',
  'text',
  'tool_choice',
  'tools',
  'top_logprobs',
  'top_p',
  'truncation',
  'user',
]
const NAME = /^[A-Za-z0-9_-]{1,64}$/

/** @throws Refusal */
export function validateResponseRequest(body: unknown): JsonRecord {
  if (!isRecord(body)) refuseParameter('We could not parse the JSON body of your request.', null)
  const unknown = Object.keys(body).find((name) => !FIELDS.includes(name))
  if (unknown !== undefined) refuseParameter(`Unknown parameter: '${unknown}'.`, unknown, 'unknown_parameter')
  if (typeof body['model'] !== 'string')
    refuseParameter("Missing required parameter: 'model'.", 'model', 'missing_required_parameter')
  validateInputItems(body['input'])
  if (isGiven(body['previous_response_id'])) {
    refuseParameter(
      `Previous response with id '${textOf(body['previous_response_id'])}' not found.`,
      'previous_response_id',
      'previous_response_not_found',
    )
  }
  const max = body['max_output_tokens']
  if (typeof max === 'number' && max < 16) {
    refuseParameter(
      `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${max} instead.`,
      'max_output_tokens',
      'integer_below_min_value',
    )
  }
  checkReasoning(body, body['model'])
  checkTools(body)
  const format = isRecord(body['text']) ? body['text']['format'] : undefined
  if (isRecord(format) && format['type'] === 'json_schema') checkFormat(format)
  return body
}

function checkReasoning(body: JsonRecord, model: string): void {
  const reasoning = isRecord(body['reasoning']) ? body['reasoning'] : {}
  const effort = openaiEffort(model, reasoning['effort'])
  if (effort === undefined && isGiven(reasoning['effort'])) {
    refuseParameter(
      "Unsupported parameter: 'reasoning.effort' is not supported with this model.",
      'reasoning.effort',
      'unsupported_parameter',
    )
  }
  if (effort === undefined || effort === 'none') return
  for (const name of ['temperature', 'top_p', 'top_logprobs']) {
    if (isGiven(body[name]) && body[name] !== 1) {
      refuseParameter(
        `Unsupported parameter: '${name}' is not supported with this model.`,
        name,
        'unsupported_parameter',
      )
    }
  }
}

function checkTools(body: JsonRecord): void {
  recordsOf(body['tools']).forEach((tool, index) => {
    if (tool['type'] !== 'function') return
    const name = textOf(tool['name'])
    const path = `tools[${index}]`
    if (name === '')
      refuseParameter(
        `Missing required parameter: '${path}.name'.`,
        `${path}.name`,
        'missing_required_parameter',
      )
    if (!NAME.test(name))
      refuseParameter(
        `Invalid '${path}.name': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$'.`,
        `${path}.name`,
        'invalid_value',
      )
    // Left out, `strict` is true here.
    if (tool['strict'] !== false)
      checkStrictSchema(tool['parameters'], `function '${name}'`, `${path}.parameters`)
  })
  const choice = body['tool_choice']
  if (isRecord(choice) && choice['type'] === 'function' && textOf(choice['name']) === '') {
    refuseParameter(
      "Missing required parameter: 'tool_choice.name'.",
      'tool_choice.name',
      'missing_required_parameter',
    )
  }
}

function checkFormat(format: JsonRecord): void {
  const name = textOf(format['name'])
  if (!NAME.test(name))
    refuseParameter(
      "Missing required parameter: 'text.format.name'.",
      'text.format.name',
      'missing_required_parameter',
    )
  if (format['strict'] === true)
    checkStrictSchema(format['schema'], `response_format '${name}'`, 'text.format.schema')
}
