/** Changing a request after a refusal, so that the same target can be asked once more. */
import type { CallContext } from '../contract/call-context.js'
import type { ChatRequest } from '../contract/chat-request.js'
import type { Candidate } from '../contract/plan.js'
import type { GatewayError } from '../errors/gateway-error.js'

/** The request after an error, or nothing when the error cannot be mended. Each remedy is tried once a target. */
export type Remedy = (
  request: ChatRequest,
  error: GatewayError,
  candidate: Candidate,
) => ChatRequest | undefined

export interface RequestMender {
  /** The request for this target, with what has been mended. */
  requestFor(candidate: Candidate): ChatRequest
  /** True when the target should be asked again at once, with another request. */
  mend(candidate: Candidate, error: GatewayError): boolean
}

/** @param prepare makes the request for a target, once. */
export function createRequestMender(
  prepare: (candidate: Candidate) => ChatRequest,
  remedies: readonly Remedy[],
): RequestMender {
  const requests = new Map<Candidate, ChatRequest>()
  const requestFor = (candidate: Candidate): ChatRequest => {
    const known = requests.get(candidate)
    if (known) return known
    const made = prepare(candidate)
    requests.set(candidate, made)
    return made
  }
  return {
    requestFor,
    mend(candidate, error) {
      for (const remedy of remedies) {
        const mended = remedy(requestFor(candidate), error, candidate)
        if (!mended) continue
        requests.set(candidate, mended)
        return true
      }
      return false
    },
  }
}

/** What may be left out without changing what the caller asked for beyond tuning. */
const DISPENSABLE: ReadonlySet<string> = new Set([
  'temperature',
  'top_p',
  'top_k',
  'stop',
  'seed',
  'presence_penalty',
  'frequency_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'parallel_tool_calls',
  'reasoning_effort',
  'verbosity',
  'service_tier',
  'prompt_cache_key',
  'store',
  'metadata',
  'user',
])

/**
 * Leaves out a setting that the provider refused by name, with a warning; so a model whose rules are not known yet
 * still answers. `provider_state` stands for the blocks of earlier turns, which a provider may no longer accept.
 */
export function dropRefusedSetting(call: CallContext): Remedy {
  return (request, error, { provider, model }) => {
    const setting = error.unsupportedSetting
    if (setting === undefined || call.options.unsupported === 'error') return undefined
    const mended =
      setting === 'provider_state' ? withoutProviderState(request) : withoutField(request, setting)
    if (!mended) return undefined
    const code = setting === 'provider_state' ? 'state_dropped' : 'setting_dropped'
    call.warn({
      code,
      path: setting,
      provider,
      message: `${provider}/${model} refused ${setting}; the request was sent again without it`,
    })
    return mended
  }
}

function withoutField(request: ChatRequest, field: string): ChatRequest | undefined {
  if (!DISPENSABLE.has(field) || !Object.hasOwn(request, field)) return undefined
  return Object.fromEntries(
    Object.entries(request).filter(([key]) => key !== field),
  ) as unknown as ChatRequest
}

function withoutProviderState(request: ChatRequest): ChatRequest | undefined {
  if (!request.messages.some((message) => 'provider_state' in message)) return undefined
  return {
    ...request,
    messages: request.messages.map((message) => {
      if (message.role !== 'assistant' || !message.provider_state) return message
      const { provider_state: _state, ...rest } = message
      return rest
    }),
  }
}
