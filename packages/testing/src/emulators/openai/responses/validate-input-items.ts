/** The checks that the Responses API makes on `input`: items, parts, calls with their outputs, reasoning to replay. */
import { refuseParameter } from '../../chat-completions/validate-chat.js'
import { isRecord, recordsOf, textOf, type JsonRecord } from '../../read-json.js'
import { isEncryptedReasoning } from './encrypted-reasoning.js'

const PARTS: Readonly<Record<string, readonly string[]>> = {
  user: ['input_text', 'input_image', 'input_file', 'input_audio'],
  system: ['input_text'],
  developer: ['input_text'],
  assistant: ['output_text', 'refusal'],
}
const ID_PREFIXES: Readonly<Record<string, string>> = { message: 'msg', function_call: 'fc', reasoning: 'rs' }

/** @throws Refusal */
export function validateInputItems(given: unknown): void {
  if (typeof given === 'string') return
  if (!Array.isArray(given))
    refuseParameter("Missing required parameter: 'input'.", 'input', 'missing_required_parameter')
  given.forEach((item: unknown, index) => {
    if (!isRecord(item))
      refuseParameter(
        `Invalid type for 'input[${index}]': expected an object.`,
        `input[${index}]`,
        'invalid_type',
      )
    checkItem(item, `input[${index}]`)
  })
  const items = recordsOf(given)
  checkCalls(items)
  items.forEach((item, index) => {
    if (item['type'] === 'reasoning') checkReasoning(item, items[index + 1], `input[${index}]`)
  })
}

function checkItem(item: JsonRecord, path: string): void {
  const type = item['type'] === undefined ? 'message' : textOf(item['type'])
  const prefix = ID_PREFIXES[type]
  const id = item['id']
  if (typeof id === 'string' && prefix !== undefined && !id.startsWith(`${prefix}_`)) {
    refuseParameter(
      `Invalid '${path}.id': '${id}'. Expected an ID that begins with '${prefix}'.`,
      `${path}.id`,
      'invalid_value',
    )
  }
  if (type === 'message') return checkMessage(item, path)
  if (type !== 'function_call' && type !== 'function_call_output') return
  const callId = textOf(item['call_id'])
  if (callId === '')
    refuseParameter(
      `Missing required parameter: '${path}.call_id'.`,
      `${path}.call_id`,
      'missing_required_parameter',
    )
  if (callId.length > 64) {
    refuseParameter(
      `Invalid '${path}.call_id': string too long. Expected a string with maximum length 64, but got a string with length ${callId.length} instead.`,
      `${path}.call_id`,
      'string_above_max_length',
    )
  }
  if (type === 'function_call' && typeof item['arguments'] !== 'string') {
    refuseParameter(
      `Invalid type for '${path}.arguments': expected a string.`,
      `${path}.arguments`,
      'invalid_type',
    )
  }
  if (
    type === 'function_call_output' &&
    typeof item['output'] !== 'string' &&
    !Array.isArray(item['output'])
  ) {
    refuseParameter(
      `Missing required parameter: '${path}.output'.`,
      `${path}.output`,
      'missing_required_parameter',
    )
  }
}

function checkMessage(item: JsonRecord, path: string): void {
  const role = textOf(item['role'])
  const allowed = PARTS[role]
  if (!allowed) {
    refuseParameter(
      `Invalid value: '${role}'. Supported values are: 'assistant', 'system', 'developer', and 'user'.`,
      `${path}.role`,
      'invalid_value',
    )
  }
  if (typeof item['content'] === 'string') return
  if (!Array.isArray(item['content']))
    refuseParameter(
      `Missing required parameter: '${path}.content'.`,
      `${path}.content`,
      'missing_required_parameter',
    )
  recordsOf(item['content']).forEach((part, index) => {
    const partPath = `${path}.content[${index}]`
    const type = textOf(part['type'])
    if (!allowed.includes(type)) {
      refuseParameter(
        `Invalid value: '${type}'. Supported values are: ${allowed.map((name) => `'${name}'`).join(', ')}.`,
        `${partPath}.type`,
        'invalid_value',
      )
    }
    if (type === 'input_image' && part['image_url'] !== undefined && typeof part['image_url'] !== 'string') {
      refuseParameter(
        `Invalid type for '${partPath}.image_url': expected an image URL, but got an object instead.`,
        `${partPath}.image_url`,
        'invalid_type',
      )
    }
  })
}

function checkCalls(items: readonly JsonRecord[]): void {
  const idsOf = (type: string): readonly string[] =>
    items.filter((item) => item['type'] === type).map((item) => textOf(item['call_id']))
  const calls = idsOf('function_call')
  const outputs = idsOf('function_call_output')
  const stray = outputs.find((id) => !calls.includes(id))
  if (stray !== undefined)
    refuseParameter(`No tool call found for function call output with call_id ${stray}.`, 'input')
  const open = calls.find((id) => !outputs.includes(id))
  if (open !== undefined) refuseParameter(`No tool output found for function call ${open}.`, 'input')
}

/** Half a pair is refused: a reasoning item goes with the item that followed it. */
function checkReasoning(item: JsonRecord, next: JsonRecord | undefined, path: string): void {
  const id = textOf(item['id'])
  const follows =
    next !== undefined &&
    (next['type'] === 'function_call' || next['type'] === 'reasoning' || next['role'] === 'assistant')
  if (!follows)
    refuseParameter(
      `Item '${id}' of type 'reasoning' was provided without its required following item.`,
      'input',
    )
  const encrypted = item['encrypted_content']
  if (typeof encrypted !== 'string') {
    refuseParameter(
      `Item with id '${id}' not found. Items are not persisted when \`store\` is set to false.`,
      'input',
    )
  }
  if (!isEncryptedReasoning(encrypted)) {
    refuseParameter(
      `The encrypted content for item ${id} could not be verified.`,
      `${path}.encrypted_content`,
      'invalid_encrypted_content',
    )
  }
}
