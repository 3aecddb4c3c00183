/** The checks that Gemini makes on `contents`: roles, parts, calls with their responses, thought signatures. */
import { isRecord, recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { camelKeys } from './camel-keys.js'
import { refuseArgument, refuseUnknownNames } from './refuse-argument.js'
import { isCallSignature, wantsSignatures } from './thought-signature.js'

const PART_FIELDS = [
  'text',
  'inlineData',
  'fileData',
  'functionCall',
  'functionResponse',
  'executableCode',
  'codeExecutionResult',
  'toolCall',
  'toolResponse',
  'thought',
  'thoughtSignature',
  'videoMetadata',
  'mediaResolution',
  'partMetadata',
]
const DATA_FIELDS = PART_FIELDS.slice(0, 9)

type Parts = readonly JsonRecord[]

interface Turn {
  readonly role: string
  readonly parts: Parts
}

/** @throws Refusal */
export function validateContents(given: unknown, model: string): void {
  if (!Array.isArray(given) || given.length === 0)
    refuseArgument('* GenerateContentRequest.contents: contents is not specified\n')
  const turns = given.map((content: unknown, index) => readTurn(content, index))
  if (turns[0]?.role === 'model') {
    refuseArgument('Please ensure that multiturn requests start with a user role.')
  }
  turns.forEach((turn, index) => checkCalls(turns, turn, index))
  if (model.startsWith('gemini-4') && turns.at(-1)?.role === 'model') {
    refuseArgument('Please ensure that multiturn requests end with a user role or a function response.')
  }
  if (wantsSignatures(model)) checkSignatures(turns)
}

function readTurn(content: unknown, index: number): Turn {
  const path = `contents[${index}]`
  if (!isRecord(content)) refuseArgument(`Invalid value at '${path}'`)
  refuseUnknownNames(Object.keys(content), ['role', 'parts'], path)
  const role = content['role'] === undefined ? 'user' : textOf(content['role'])
  if (!['user', 'model', 'function'].includes(role)) refuseArgument('Please use a valid role: user, model.')
  const parts = content['parts']
  if (!Array.isArray(parts) || parts.length === 0) {
    refuseArgument(`* GenerateContentRequest.${path}.parts: contents.parts must not be empty.\n`)
  }
  return {
    role,
    parts: parts.map((part: unknown, partIndex) => readPart(part, `${path}.parts[${partIndex}]`)),
  }
}

function readPart(given: unknown, path: string): JsonRecord {
  if (!isRecord(given)) refuseArgument(`Invalid value at '${path}'`)
  const part = camelKeys(given)
  refuseUnknownNames(Object.keys(part), PART_FIELDS, path)
  const data = DATA_FIELDS.filter((name) => part[name] !== undefined)
  const empty = data.length === 0 || (part['text'] === '' && part['thoughtSignature'] === undefined)
  if (empty)
    refuseArgument(
      `* GenerateContentRequest.${path}.data: required oneof field 'data' must have one initialized field\n`,
    )
  if (data.length > 1)
    refuseArgument(
      `Invalid value at '${path}' (oneof), oneof field 'data' is already set. Cannot set '${data[1]}'`,
    )
  checkMedia(part, path)
  checkStruct(part['functionCall'], 'args', `${path}.function_call`)
  checkStruct(part['functionResponse'], 'response', `${path}.function_response`)
  return part
}

function checkMedia(part: JsonRecord, path: string): void {
  const inline = part['inlineData']
  if (inline === undefined) return
  const media = isRecord(inline) ? camelKeys(inline) : {}
  if (textOf(media['mimeType']) === '')
    refuseArgument(`* GenerateContentRequest.${path}.inline_data.mime_type: Mime type is required\n`)
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(textOf(media['data']).slice(0, 4_096))) {
    refuseArgument(`Invalid value at '${path}.inline_data.data' (TYPE_BYTES), Base64 decoding failed`)
  }
}

function checkStruct(given: unknown, field: 'args' | 'response', path: string): void {
  if (given === undefined) return
  const call = isRecord(given) ? given : {}
  if (textOf(call['name']) === '')
    refuseArgument(`* GenerateContentRequest.${path}.name: Name cannot be empty.\n`)
  const value = call[field]
  if (value === undefined ? field === 'response' : !isRecord(value)) {
    refuseArgument(
      `Invalid value at '${path}.${field}' (type.googleapis.com/google.protobuf.Struct), ${JSON.stringify(value)}`,
    )
  }
}

/** As many responses as calls, in the very next turn. */
function checkCalls(turns: readonly Turn[], turn: Turn, index: number): void {
  const calls = turn.parts.filter((part) => part['functionCall'] !== undefined).length
  const responses = turn.parts.filter((part) => part['functionResponse'] !== undefined).length
  const before = turns[index - 1]
  const asked = before?.parts.filter((part) => part['functionCall'] !== undefined).length ?? 0
  const next = turns[index + 1]
  const answered = next?.parts.filter((part) => part['functionResponse'] !== undefined).length ?? 0
  if (responses > 0 && responses !== asked) {
    refuseArgument(
      'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
    )
  }
  if (calls > 0 && next !== undefined && answered !== calls) {
    refuseArgument('Please ensure that function response turn comes immediately after a function call turn.')
  }
  if (calls > 0 && before?.role === 'model') {
    refuseArgument(
      'Please ensure that function call turn comes immediately after a user turn or after a function response turn.',
    )
  }
}

/** In the current turn (since the last user text) the first call of every step carries its signature. */
function checkSignatures(turns: readonly Turn[]): void {
  const start = turns.findLastIndex(
    (turn) => turn.role === 'user' && turn.parts.some((part) => textOf(part['text']) !== ''),
  )
  turns.forEach((turn, index) => {
    if (index < start || turn.role !== 'model') return
    const first = turn.parts.find((part) => part['functionCall'] !== undefined)
    if (!first) return
    const call = first['functionCall'] as JsonRecord
    const signature = textOf(first['thoughtSignature'])
    const name = textOf(call['name'])
    if (signature === '') {
      refuseArgument(
        `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly, and missing thought_signature may lead to degraded model performance. Additional data, function call \`default_api:${name}\` , position ${index + 1}.`,
      )
    }
    if (!isCallSignature(signature, call)) refuseArgument('Thought signature is not valid.')
  })
}

/** Text of the last user turn. */
export function lastUserText(contents: unknown): string {
  const turn = recordsOf(contents).findLast(
    (content) => (content['role'] ?? 'user') === 'user' && partsText(content) !== '',
  )
  return turn ? partsText(turn) : ''
}

function partsText(content: JsonRecord): string {
  return recordsOf(content['parts'])
    .map((part) => textOf(part['text']))
    .join('')
}
