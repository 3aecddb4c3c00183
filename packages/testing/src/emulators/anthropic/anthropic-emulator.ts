import { estimateTokens } from '../../script/resolve-answer.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { madeUpId } from '../made-up.js'
import { isRecord, lastTextOfRole, type JsonRecord } from '../read-json.js'
import { startEmulator } from '../start-emulator.js'
import { Refusal, type ChatTurn, type Handled, type IncomingCall, type Vendor } from '../vendor.js'
import { anthropicErrorAnswer } from './anthropic-errors.js'
import { validateMessageRequest } from './validate-message-request.js'
import { writeMessage, writeMessageStream } from './write-message.js'

const MODELS = [
  'claude-opus-4-1',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'claude-opus-4-6',
  'claude-opus-5-5',
]

/** A key in `x-api-key` wins over one in `authorization`. */
const anthropicVendor: Vendor = {
  name: 'anthropic',
  basePath: '',
  credential: (headers) =>
    headers['x-api-key'] ?? /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1],
  credentialHeaders: ['x-api-key', 'authorization'],
  keyRefusal: (key) =>
    anthropicErrorAnswer(
      {
        error: 'authentication',
        message: key === undefined ? 'x-api-key header is required' : 'invalid x-api-key',
      },
      () => 0.5,
    ),
  errorAnswer: anthropicErrorAnswer,
  unknownPath: () => anthropicErrorAnswer({ error: 'not_found', message: 'Not found' }, () => 0.5),
  headers: (random) => ({
    'request-id': madeUpId('req_011C', 20, random),
    'anthropic-organization-id': '00000000-0000-4000-8000-000000000000',
    'anthropic-ratelimit-requests-limit': '4000',
    'anthropic-ratelimit-requests-remaining': '3999',
    'anthropic-ratelimit-requests-reset': new Date(Date.now() + 1_000).toISOString(),
  }),
  endpoints: [
    {
      method: 'POST',
      path: /^\/v1\/messages$/,
      handle: (call) => ({ type: 'chat', turn: messageTurn(call) }),
    },
    { method: 'POST', path: /^\/v1\/messages\/count_tokens$/, handle: countTokens },
    { method: 'GET', path: /^\/v1\/models(?:\/.+)?$/, handle: listModels },
  ],
}

/**
 * Starts a server that speaks Anthropic's Messages API on the wire, with `count_tokens` and the list of models.
 * Requests are checked as Anthropic checks them for the version they name; thinking blocks are signed, and edited
 * or foreign ones are refused when they come back.
 *
 * @example
 * await using server = await anthropicEmulator({ replies: { reasoning: 'Hm.', text: 'Yes.' } })
 * const client = new Anthropic({ baseURL: server.baseURL, apiKey: 'any' })
 */
export function anthropicEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(anthropicVendor, options)
}

function checkModel(model: string, known: readonly string[] | undefined): void {
  if (known && !known.includes(model)) throw new Refusal({ error: 'not_found', message: `model: ${model}` })
}

function messageTurn(call: IncomingCall): ChatTurn {
  const body = validateMessageRequest(call.body, call.headers['anthropic-version'])
  const model = body['model'] as string
  checkModel(model, call.models)
  const thinking = isRecord(body['thinking']) ? body['thinking'] : {}
  const facts = {
    id: madeUpId('msg_011C', 20, call.random),
    thinkingOmitted: thinking['display'] === 'omitted',
  }
  return {
    model,
    stream: body['stream'] === true,
    lastUserText: lastTextOfRole(body['messages'], 'user'),
    promptTokens: inputTokens(body),
    makeToolCallId: () => madeUpId('toolu_01', 22, call.random),
    whole: (answer) => writeMessage(answer, facts),
    streamed: (answer) => writeMessageStream(answer, facts),
  }
}

function countTokens(call: IncomingCall): Handled {
  const body = validateMessageRequest(call.body, call.headers['anthropic-version'], true)
  checkModel(body['model'] as string, call.models)
  return { type: 'json', body: { input_tokens: inputTokens(body) } }
}

function inputTokens(body: JsonRecord): number {
  return estimateTokens(JSON.stringify([body['system'], body['messages'], body['tools']]))
}

function listModels(call: IncomingCall): Handled {
  const known = call.models ?? MODELS
  const describe = (id: string): JsonRecord => ({
    type: 'model',
    id,
    display_name: id,
    created_at: '2026-01-01T00:00:00Z',
    lifecycle: 'active',
    max_input_tokens: 200_000,
    max_tokens: 64_000,
  })
  const wanted = /\/models\/(.+)$/.exec(call.path)?.[1]
  if (wanted === undefined) {
    return {
      type: 'json',
      body: {
        data: known.map(describe),
        has_more: false,
        first_id: known[0] ?? null,
        last_id: known.at(-1) ?? null,
      },
    }
  }
  const id = decodeURIComponent(wanted)
  checkModel(id, known)
  return { type: 'json', body: describe(id) }
}
