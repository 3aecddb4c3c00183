import { estimateTokens } from '../../script/resolve-answer.js'
import type { Emulator, EmulatorOptions } from '../emulator.js'
import { madeUpVector } from '../../made-up-vector.js'
import { madeUpId } from '../made-up.js'
import { isRecord, recordsOf, textOf, type JsonRecord } from '../read-json.js'
import { startEmulator } from '../start-emulator.js'
import { Refusal, type ChatTurn, type Handled, type IncomingCall, type Vendor } from '../vendor.js'
import { camelKeys } from './camel-keys.js'
import { geminiErrorAnswer, geminiKeyRefusal, geminiUnknownPath } from './gemini-errors.js'
import { refuseArgument } from './refuse-argument.js'
import { wantsSignatures } from './thought-signature.js'
import { lastUserText } from './validate-contents.js'
import { validateGenerate } from './validate-generate.js'
import { writeCandidates, writeCandidateStream } from './write-candidates.js'

const MODELS = [
  'gemini-2.5-flash',
  'gemini-2.5-flash-lite',
  'gemini-2.5-pro',
  'gemini-3-pro',
  'gemini-embedding-001',
]

const geminiVendor: Vendor = {
  name: 'gemini',
  basePath: '/v1beta',
  credential: (headers, query) => headers['x-goog-api-key'] ?? query['key'],
  credentialHeaders: ['x-goog-api-key'],
  keyRefusal: geminiKeyRefusal,
  errorAnswer: geminiErrorAnswer,
  unknownPath: geminiUnknownPath,
  headers: () => ({ 'server-timing': 'gfet4t7; dur=12', vary: 'Origin' }),
  endpoints: [
    {
      method: 'POST',
      path: path('generateContent'),
      handle: (call) => ({ type: 'chat', turn: generateTurn(call, false) }),
    },
    {
      method: 'POST',
      path: path('streamGenerateContent'),
      handle: (call) => ({ type: 'chat', turn: generateTurn(call, true) }),
    },
    { method: 'POST', path: path('countTokens'), handle: countTokens },
    { method: 'POST', path: path('embedContent'), handle: embedOne },
    { method: 'POST', path: path('batchEmbedContents'), handle: embedBatch },
    { method: 'GET', path: /^\/v1beta\/models(?:\/[^:]+)?$/, handle: listModels },
  ],
}

/**
 * Starts a server that speaks Gemini on the wire: `generateContent`, `streamGenerateContent` (SSE with CRLF, or a JSON
 * array), `countTokens`, embeddings and the list of models. Function calls of Gemini 3 models are signed, and the
 * signatures are wanted back.
 *
 * @example
 * await using server = await geminiEmulator({ replies: 'Hello!' })
 * const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: server.url } })
 */
export function geminiEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  return startEmulator(geminiVendor, options)
}

function path(method: string): RegExp {
  return new RegExp(`^/v1beta/models/[^:]+:${method}$`)
}

/** The model of the path. */
function modelOf(call: IncomingCall): string {
  const model = decodeURIComponent(/\/models\/([^:]+)/.exec(call.path)?.[1] ?? '')
  if (call.models && !call.models.includes(model)) {
    const message = `models/${model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`
    throw new Refusal({ error: 'not_found', message })
  }
  return model
}

function generateTurn(call: IncomingCall, stream: boolean): ChatTurn {
  const model = modelOf(call)
  const { contents, config, thinking } = validateGenerate(call.body, model)
  const facts = {
    responseId: madeUpId('', 23, call.random),
    candidateCount: typeof config['candidateCount'] === 'number' ? config['candidateCount'] : 1,
    includeThoughts: thinking['includeThoughts'] === true,
    signatures: wantsSignatures(model),
    sse: call.query['alt'] === 'sse',
  }
  return {
    model,
    stream,
    lastUserText: lastUserText(contents),
    promptTokens: estimateTokens(JSON.stringify(call.body)),
    wholeToolCalls: true,
    // Ids of calls are missing here as a rule.
    makeToolCallId: () => '',
    whole: (answer) => writeCandidates(answer, facts),
    streamed: (answer) => writeCandidateStream(answer, facts),
  }
}

function countTokens(call: IncomingCall): Handled {
  const model = modelOf(call)
  const body = isRecord(call.body) ? camelKeys(call.body) : {}
  const wrapped = body['generateContentRequest']
  const { contents } = validateGenerate(isRecord(wrapped) ? wrapped : { contents: body['contents'] }, model)
  // The plain form counts neither system text nor tools.
  const totalTokens = estimateTokens(JSON.stringify(isRecord(wrapped) ? wrapped : contents))
  return {
    type: 'json',
    body: { totalTokens, promptTokensDetails: [{ modality: 'TEXT', tokenCount: totalTokens }] },
  }
}

function embedOne(call: IncomingCall): Handled {
  modelOf(call)
  return { type: 'json', body: { embedding: { values: vectorOf(call.body) } } }
}

function embedBatch(call: IncomingCall): Handled {
  modelOf(call)
  const requests = recordsOf(isRecord(call.body) ? call.body['requests'] : undefined)
  if (requests.length === 0)
    refuseArgument('* BatchEmbedContentsRequest.requests: requests is not specified\n')
  if (requests.length > 100)
    refuseArgument('* BatchEmbedContentsRequest.requests: at most 100 requests can be in one batch\n')
  const wrong = requests.findIndex((request) => !textOf(request['model']).startsWith('models/'))
  if (wrong >= 0)
    refuseArgument(`* BatchEmbedContentsRequest.requests[${wrong}].model: unexpected model name format\n`)
  return { type: 'json', body: { embeddings: requests.map((request) => ({ values: vectorOf(request) })) } }
}

function vectorOf(given: unknown): number[] {
  const request = isRecord(given) ? camelKeys(given) : {}
  const content = isRecord(request['content']) ? request['content'] : {}
  const text = recordsOf(content['parts'])
    .map((part) => textOf(part['text']))
    .join('')
  if (text === '') refuseArgument('* EmbedContentRequest.content: contents is not specified\n')
  return madeUpVector(
    text,
    typeof request['outputDimensionality'] === 'number' ? request['outputDimensionality'] : 3_072,
  )
}

function listModels(call: IncomingCall): Handled {
  const known = call.models ?? MODELS
  const describe = (id: string): JsonRecord => ({
    name: `models/${id}`,
    version: '001',
    displayName: id,
    inputTokenLimit: 1_048_576,
    outputTokenLimit: 65_536,
    supportedGenerationMethods: id.includes('embedding')
      ? ['embedContent']
      : ['generateContent', 'countTokens'],
  })
  if (call.path !== '/v1beta/models')
    return { type: 'json', body: describe(modelOf({ ...call, models: known })) }
  const size = Number(call.query['pageSize'] ?? 50)
  const start = Number(call.query['pageToken'] ?? 0)
  const next = start + size < known.length ? { nextPageToken: String(start + size) } : {}
  return { type: 'json', body: { models: known.slice(start, start + size).map(describe), ...next } }
}
