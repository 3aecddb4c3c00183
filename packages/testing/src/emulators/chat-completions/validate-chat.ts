/** The checks that a Chat Completions server makes on a request, in its words. */
import { isGiven, isRecord, recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { Refusal } from '../vendor.js'
import type { ChatProfile, MessageRules } from './chat-profile.js'
import { checkStrictSchema } from './strict-schema.js'

/** Refuses with `invalid_request`. */
export function refuseParameter(message: string, param: string | null, code: string | null = null): never {
  throw new Refusal({ error: 'invalid_request', message, param, code })
}

/** @throws Refusal */
export function validateChat(body: unknown, profile: ChatProfile): JsonRecord {
  const { knownFields } = profile
  if (!isRecord(body)) refuseParameter('We could not parse the JSON body of your request.', null)
  const unknown = knownFields && Object.keys(body).find((name) => !knownFields.includes(name))
  if (unknown !== undefined)
    refuseParameter(`Unrecognized request argument supplied: ${unknown}`, unknown, 'unknown_parameter')
  if (typeof body['model'] !== 'string' || body['model'] === '')
    refuseParameter('you must provide a model parameter', null)
  validateMessages(body['messages'], profile.messages ?? {})
  validateTools(body)
  validateSettings(body, profile)
  return body
}

function validateMessages(given: unknown, rules: MessageRules): void {
  if (!Array.isArray(given))
    refuseParameter("Missing required parameter: 'messages'.", 'messages', 'missing_required_parameter')
  if (given.length === 0) {
    refuseParameter(
      "Invalid 'messages': empty array. Expected an array with minimum length 1, but got an empty array instead.",
      'messages',
      'empty_array',
    )
  }
  let waiting: readonly string[] = []
  given.forEach((message: unknown, index) => {
    const path = `messages.[${index}]`
    if (!isRecord(message))
      refuseParameter(`Invalid type for '${path}': expected an object.`, path, 'invalid_type')
    const role = textOf(message['role'])
    if (!['system', 'developer', 'user', 'assistant', 'tool'].includes(role)) {
      refuseParameter(
        `Invalid value: '${role}'. Supported values are: 'system', 'assistant', 'user', 'tool', and 'developer'.`,
        `${path}.role`,
        'invalid_value',
      )
    }
    if (role === 'tool') {
      const id = textOf(message['tool_call_id'])
      if (!waiting.includes(id)) {
        refuseParameter(
          "Invalid parameter: messages with role 'tool' must be a response to a preceeding message with 'tool_calls'.",
          `${path}.role`,
        )
      }
      waiting = waiting.filter((other) => other !== id)
    } else refuseWaiting(waiting, path)
    validateContent(message, role, path, rules)
    if (role === 'assistant') waiting = validateCalls(message, path, rules)
  })
  refuseWaiting(waiting, `messages.[${given.length - 1}]`)
}

function refuseWaiting(ids: readonly string[], path: string): void {
  if (ids.length === 0) return
  refuseParameter(
    `An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: ${ids.join(', ')}`,
    `${path}.role`,
  )
}

/** Returns the ids that need an answer. */
function validateCalls(message: JsonRecord, path: string, { toolCallId }: MessageRules): readonly string[] {
  const given = message['tool_calls']
  if (given === undefined || given === null) return []
  if (!Array.isArray(given) || given.length === 0) {
    refuseParameter(
      `Invalid '${path}.tool_calls': empty array. Expected an array with minimum length 1, but got an empty array instead.`,
      `${path}.tool_calls`,
      'empty_array',
    )
  }
  return recordsOf(given).map((call, index) => {
    const callPath = `${path}.tool_calls[${index}]`
    const id = textOf(call['id'])
    if (toolCallId) {
      if (!toolCallId.pattern.test(id)) refuseParameter(toolCallId.refusal(id), `${callPath}.id`)
    } else if (id.length > 40) {
      refuseParameter(
        `Invalid '${callPath}.id': string too long. Expected a string with maximum length 40, but got a string with length ${id.length} instead.`,
        `${callPath}.id`,
        'string_above_max_length',
      )
    }
    const called = call['function']
    if (id === '' || !isRecord(called) || typeof called['arguments'] !== 'string') {
      refuseParameter(
        `Missing required parameter: '${callPath}.id' or its function.`,
        callPath,
        'missing_required_parameter',
      )
    }
    validateName(textOf(called['name']), `${callPath}.function.name`)
    return id
  })
}

const PARTS: Readonly<Record<string, readonly string[]>> = {
  user: ['text', 'image_url', 'input_audio', 'file'],
  assistant: ['text', 'refusal'],
}

function validateContent(message: JsonRecord, role: string, path: string, rules: MessageRules): void {
  const { content } = message as { content?: unknown }
  if (typeof content === 'string') return
  if (content === null || content === undefined) {
    const mayBeEmpty =
      rules.mayBeEmpty ||
      (role === 'assistant' &&
        (message['tool_calls'] !== undefined || typeof message['refusal'] === 'string'))
    if (!mayBeEmpty)
      refuseParameter(`Invalid value for 'content': expected a string, got null.`, `${path}.content`)
    return
  }
  if (!Array.isArray(content) || content.length === 0) {
    refuseParameter(
      `Invalid type for '${path}.content': expected one of a string or array of objects.`,
      `${path}.content`,
      'invalid_type',
    )
  }
  content.forEach((part: unknown, index) => {
    const partPath = `${path}.content.[${index}]`
    const type = isRecord(part) ? textOf(part['type']) : ''
    const allowed = rules.parts?.[role] ?? PARTS[role] ?? ['text']
    if (!isRecord(part) || !allowed.includes(type)) {
      refuseParameter(
        `Invalid value: '${type}'. Supported values are: ${allowed.map((name) => `'${name}'`).join(', ')}.`,
        `${partPath}.type`,
        'invalid_value',
      )
    }
    if (!rules.checkPart?.(part, type, partPath)) validatePart(part, type, partPath)
  })
}

function validatePart(part: JsonRecord, type: string, path: string): void {
  const value = part[type]
  if (type === 'text' && typeof value !== 'string')
    refuseParameter(
      `Missing required parameter: '${path}.text'.`,
      `${path}.text`,
      'missing_required_parameter',
    )
  if (type === 'image_url' && !(isRecord(value) && /^(https?:|data:image\/)/.test(textOf(value['url'])))) {
    refuseParameter(
      `Invalid '${path}.image_url.url': expected a URL or a data URI.`,
      `${path}.image_url.url`,
      'invalid_image_url',
    )
  }
  if (
    type === 'input_audio' &&
    !(
      isRecord(value) &&
      ['wav', 'mp3'].includes(textOf(value['format'])) &&
      !textOf(value['data']).startsWith('data:')
    )
  ) {
    refuseParameter(
      `Invalid value for '${path}.input_audio': bare base64 and one of 'wav' and 'mp3' are needed.`,
      `${path}.input_audio.format`,
      'invalid_value',
    )
  }
  if (
    type === 'file' &&
    isRecord(value) &&
    value['file_data'] !== undefined &&
    textOf(value['filename']) === ''
  ) {
    refuseParameter(
      `Missing required parameter: '${path}.file.filename'.`,
      `${path}.file.filename`,
      'missing_required_parameter',
    )
  }
}

function validateTools(body: JsonRecord): void {
  const { tools } = body as { tools?: unknown }
  if (tools === undefined || tools === null) {
    for (const name of ['tool_choice', 'parallel_tool_calls']) {
      if (body[name] !== undefined)
        refuseParameter(
          `Invalid value for '${name}': '${name}' is only allowed when 'tools' are specified.`,
          name,
        )
    }
    return
  }
  if (!Array.isArray(tools) || tools.length === 0 || tools.length > 128) {
    refuseParameter(
      "Invalid 'tools': expected an array with 1 to 128 entries.",
      'tools',
      Array.isArray(tools) && tools.length > 128 ? 'array_above_max_length' : 'empty_array',
    )
  }
  tools.forEach((tool: unknown, index) => {
    const called = isRecord(tool) ? tool['function'] : undefined
    if (!isRecord(called))
      refuseParameter(
        `Missing required parameter: 'tools[${index}].function'.`,
        `tools[${index}].function`,
        'missing_required_parameter',
      )
    const name = textOf(called['name'])
    validateName(name, `tools[${index}].function.name`)
    if (called['strict'] === true)
      checkStrictSchema(called['parameters'], `function '${name}'`, `tools[${index}].function.parameters`)
  })
}

function validateName(name: string, path: string): void {
  if (/^[A-Za-z0-9_-]{1,64}$/.test(name)) return
  refuseParameter(
    `Invalid '${path}': string does not match pattern. Expected a string that matches the pattern '^[a-zA-Z0-9_-]+$' and has at most 64 characters.`,
    path,
    'invalid_value',
  )
}

function validateSettings(body: JsonRecord, { maxStops = 4, needsJsonWord = true }: ChatProfile): void {
  if (isGiven(body['stream_options']) && body['stream'] !== true) {
    refuseParameter(
      "The 'stream_options' parameter is only allowed when 'stream' is enabled.",
      'stream_options',
    )
  }
  const temperature = body['temperature']
  if (typeof temperature === 'number' && (temperature < 0 || temperature > 2)) {
    refuseParameter(
      `Invalid 'temperature': decimal ${temperature < 0 ? 'below minimum' : 'above maximum'} value. Expected a value between 0 and 2.`,
      'temperature',
      'decimal_out_of_range',
    )
  }
  if (Array.isArray(body['stop']) && body['stop'].length > maxStops) {
    refuseParameter(
      `Invalid 'stop': array too long. Expected an array with maximum length ${maxStops}.`,
      'stop',
      'array_above_max_length',
    )
  }
  const format = body['response_format']
  if (!isRecord(format)) return
  if (needsJsonWord && format['type'] === 'json_object' && !/json/i.test(JSON.stringify(body['messages']))) {
    refuseParameter(
      "'messages' must contain the word 'json' in some form, to use 'response_format' of type 'json_object'.",
      'messages',
    )
  }
  const wanted = format['json_schema']
  if (format['type'] !== 'json_schema' || !isRecord(wanted)) return
  const name = textOf(wanted['name'])
  validateName(name, 'response_format.json_schema.name')
  if (wanted['strict'] === true)
    checkStrictSchema(wanted['schema'], `response_format '${name}'`, 'response_format')
}
