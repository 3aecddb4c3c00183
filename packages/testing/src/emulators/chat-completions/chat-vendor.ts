/** Makes a vendor of the Chat Completions dialect out of its profile. */
import { estimateTokens } from '../../script/resolve-answer.js'
import { madeUpVector } from '../../made-up-vector.js'
import { isRecord, lastTextOfRole, type JsonRecord } from '../read-json.js'
import {
  Refusal,
  type ChatTurn,
  type Endpoint,
  type Handled,
  type IncomingCall,
  type Vendor,
} from '../vendor.js'
import type { ChatProfile } from './chat-profile.js'
import { refuseParameter, validateChat } from './validate-chat.js'
import { chatAnswerFacts, writeChatCompletion, writeChatStream } from './write-chat.js'

export function chatVendor(profile: ChatProfile): Vendor {
  const at = (path: string): RegExp => new RegExp(`^${profile.basePath}${path}$`)
  const endpoints: Endpoint[] = [
    {
      method: 'POST',
      path: at('/chat/completions'),
      handle: (call) => ({ type: 'chat', turn: chatTurn(call, profile) }),
    },
    { method: 'GET', path: at('/models(?:/.+)?'), handle: (call) => listModels(call, profile) },
    ...(profile.endpoints ?? []),
  ]
  const { embeddingDimensions } = profile
  if (embeddingDimensions) {
    endpoints.push({
      method: 'POST',
      path: at('/embeddings'),
      handle: (call) => embed(call, embeddingDimensions),
    })
  }
  return {
    name: profile.name,
    basePath: profile.basePath,
    credential: (headers) => /^Bearer\s+(\S+)$/i.exec(headers['authorization'] ?? '')?.[1],
    credentialHeaders: ['authorization'],
    keyRefusal: profile.keyRefusal,
    errorAnswer: profile.errorAnswer,
    unknownPath: profile.unknownPath,
    headers: profile.headers,
    endpoints,
  }
}

/** @throws Refusal `not_found` for a model outside the emulator's list. */
export function checkModel(model: string, models: readonly string[] | undefined): void {
  if (!models || models.includes(model)) return
  throw new Refusal({
    error: 'not_found',
    message: `The model \`${model}\` does not exist or you do not have access to it.`,
    param: null,
    code: 'model_not_found',
  })
}

function chatTurn(call: IncomingCall, profile: ChatProfile): ChatTurn {
  const body = validateChat(call.body, profile)
  const model = body['model'] as string
  checkModel(model, call.models)
  profile.rules?.(body)
  const facts = chatAnswerFacts(profile, body, call.random)
  return {
    model,
    stream: body['stream'] === true,
    lastUserText: lastTextOfRole(body['messages'], 'user'),
    promptTokens: estimateTokens(JSON.stringify([body['messages'], body['tools']])),
    wholeToolCalls: profile.toolCalls === 'whole',
    makeToolCallId: () => profile.makeToolCallId(call.random),
    whole: (answer) => writeChatCompletion(answer, facts),
    streamed: (answer) => writeChatStream(answer, facts),
  }
}

function listModels(call: IncomingCall, profile: ChatProfile): Handled {
  const describe = (id: string): JsonRecord => ({
    id,
    object: 'model',
    created: 1_735_689_600,
    owned_by: profile.ownedBy,
  })
  const wanted = /\/models\/(.+)$/.exec(call.path)?.[1]
  const ids = call.models ?? profile.models
  if (wanted === undefined) return { type: 'json', body: { object: 'list', data: ids.map(describe) } }
  const id = decodeURIComponent(wanted)
  checkModel(id, ids)
  return { type: 'json', body: describe(id) }
}

function embed(call: IncomingCall, dimensionsOf: (model: string) => number): Handled {
  const body = isRecord(call.body)
    ? call.body
    : refuseParameter('We could not parse the JSON body of your request.', null)
  const model =
    typeof body['model'] === 'string'
      ? body['model']
      : refuseParameter('you must provide a model parameter', null)
  checkModel(model, call.models)
  const inputs: readonly unknown[] = Array.isArray(body['input']) ? body['input'] : [body['input']]
  if (inputs.length === 0 || inputs.length > 2_048)
    refuseParameter("Invalid 'input': expected 1 to 2048 entries.", 'input')
  const texts = inputs.map((input) =>
    typeof input === 'string' && input !== ''
      ? input
      : refuseParameter("'$.input' is invalid: expected non-empty strings.", 'input'),
  )
  const dimensions = typeof body['dimensions'] === 'number' ? body['dimensions'] : dimensionsOf(model)
  const encode = (vector: number[]): unknown =>
    body['encoding_format'] === 'base64'
      ? Buffer.from(new Float32Array(vector).buffer).toString('base64')
      : vector
  const tokens = texts.reduce((sum, text) => sum + Math.max(1, estimateTokens(text)), 0)
  return {
    type: 'json',
    body: {
      object: 'list',
      data: texts.map((text, index) => ({
        object: 'embedding',
        index,
        embedding: encode(madeUpVector(text, dimensions)),
      })),
      model,
      usage: { prompt_tokens: tokens, total_tokens: tokens },
    },
  }
}
