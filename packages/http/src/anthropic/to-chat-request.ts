/** A request of the Messages API as one of the gateway's. */
import type { ChatRequest, JsonObject } from '@turnout/core'
import { isRecord } from '@turnout/core/adapter'
import type { JsonRecord } from '../read-json.js'
import { ADAPTER } from './read-content.js'
import { readMessages } from './read-messages.js'
import { readThinking } from './read-thinking.js'
import { readOutput, readTools } from './read-tools.js'
import { refuse } from '../surface-fault.js'
import { isGiven, listIn, otherFields, recordIn, textIn } from './read-value.js'

export interface ReadRequest {
  readonly request: ChatRequest
  readonly stream: boolean
  /** Unsigned thinking is part of the answer: the client asked to see thinking. */
  readonly showsThinking: boolean
  readonly stopSequences: readonly string[]
}

/** The fields that are read; all others go to Anthropic as they are. */
export const FIELDS: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'stream',
  'tools',
  'tool_choice',
  'thinking',
  'output_config',
  'metadata',
  'service_tier',
  'gateway',
  'provider_options',
  // Of the header alone, where those that clients may have are known.
  'betas',
])
const NUMBERS = ['max_tokens', 'temperature', 'top_p', 'top_k'] as const

/**
 * @param betas features that the client asked for and may have
 * @throws SurfaceFault for a body that is none of this API
 */
export function toChatRequest(body: JsonRecord, betas: readonly string[] = []): ReadRequest {
  const model = textIn(body['model'], 'model')
  const stopSequences = readStops(body['stop_sequences'])
  const tools = readTools(body['tools'], body['tool_choice'])
  const thinking = readThinking(body['thinking'], body['output_config'])
  const own = {
    ...thinking.own,
    ...tools.own,
    ...(betas.length > 0 && { betas }),
    ...otherFields(body, FIELDS),
  }
  return {
    request: {
      model,
      messages: readMessages(body['system'], body['messages']),
      ...readNumbers(body),
      ...(stopSequences.length > 0 && { stop: stopSequences }),
      ...tools.fields,
      ...thinking.fields,
      ...readOutput(body['output_config']),
      ...readUser(body['metadata']),
      ...readTier(body['service_tier']),
      ...(isGiven(body['gateway']) && { gateway: recordIn(body['gateway'], 'gateway') }),
      provider_options: withOwn(body['provider_options'], own as JsonObject),
    },
    stream: body['stream'] === true,
    showsThinking: thinking.isShown,
    stopSequences,
  }
}

function readNumbers(body: JsonRecord): Partial<ChatRequest> {
  const numbers: Partial<Record<(typeof NUMBERS)[number], number>> = {}
  for (const name of NUMBERS) {
    const value = body[name]
    if (!isGiven(value)) continue
    if (typeof value !== 'number') throw refuse(name, 'must be a number')
    numbers[name] = value
  }
  return numbers
}

function readStops(value: unknown): readonly string[] {
  if (!isGiven(value)) return []
  return listIn(value, 'stop_sequences').map((stop, i) => textIn(stop, `stop_sequences[${i}]`))
}

function readUser(metadata: unknown): Pick<ChatRequest, 'user'> {
  if (!isGiven(metadata)) return {}
  const { user_id: id } = recordIn(metadata, 'metadata')
  return isGiven(id) ? { user: textIn(id, 'metadata.user_id') } : {}
}

/** `default` is what others call it, and what the adapter sends as `standard_only`. */
function readTier(tier: unknown): Pick<ChatRequest, 'service_tier'> {
  if (!isGiven(tier)) return {}
  return { service_tier: tier === 'standard_only' ? 'default' : textIn(tier, 'service_tier') }
}

/** What a client says to an adapter by name has the last word. */
function withOwn(given: unknown, own: JsonObject): Readonly<Record<string, JsonObject>> {
  if (!isGiven(given)) return { [ADAPTER]: own }
  const options = recordIn(given, 'provider_options') as Readonly<Record<string, JsonObject>>
  const more = options[ADAPTER]
  return { ...options, [ADAPTER]: isRecord(more) ? { ...own, ...more } : own }
}
