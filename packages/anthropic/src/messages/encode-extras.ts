import { changeSetting, dropSetting, type ChatRequest, type ProtocolContext } from '@turnout/core/adapter'

export interface WireExtras {
  metadata?: { readonly user_id: string }
  service_tier?: 'auto' | 'standard_only'
}

const USER_ID_LIMIT = 256

/** Settings that OpenAI's shape has and the Messages API has not, with the values that ask for nothing. */
const UNKNOWN: readonly (readonly [keyof ChatRequest, (value: unknown) => boolean])[] = [
  ['seed', () => false],
  ['n', (value) => value === 1],
  ['presence_penalty', (value) => value === 0],
  ['frequency_penalty', (value) => value === 0],
  ['logit_bias', (value) => Object.keys(value as object).length === 0],
  ['logprobs', (value) => value === false],
  ['top_logprobs', (value) => value === 0],
  ['verbosity', (value) => value === 'medium'],
  ['store', (value) => value === false],
  ['prompt_cache_key', () => false],
]

export function encodeExtras(request: ChatRequest, context: ProtocolContext): WireExtras {
  for (const [name, asksNothing] of UNKNOWN) {
    const value = request[name]
    if (value === undefined || value === null || asksNothing(value)) continue
    dropSetting(context, name, 'the Messages API has no such setting')
  }
  return { ...userId(request, context), ...serviceTier(request.service_tier, context) }
}

function userId({ user, metadata }: ChatRequest, context: ProtocolContext): WireExtras {
  const { user_id: own, ...rest } = metadata ?? {}
  if (Object.keys(rest).length > 0)
    dropSetting(context, 'metadata', 'the Messages API takes nothing but a user_id')
  const id = user ?? own
  if (id === undefined || id === '') return {}
  if (id.length > USER_ID_LIMIT) {
    dropSetting(
      context,
      user === undefined ? 'metadata.user_id' : 'user',
      `Anthropic takes at most ${USER_ID_LIMIT} characters`,
    )
    return {}
  }
  return { metadata: { user_id: id } }
}

function serviceTier(tier: string | null | undefined, context: ProtocolContext): WireExtras {
  switch (tier) {
    case undefined:
    case null:
      return {}
    case 'auto':
    case 'standard_only':
      return { service_tier: tier }
    case 'default':
    case 'standard':
      return { service_tier: 'standard_only' }
    case 'priority':
      changeSetting(
        context,
        'service_tier',
        'sent as "auto", which uses priority capacity where the account has it',
      )
      return { service_tier: 'auto' }
    default:
      dropSetting(context, 'service_tier', 'Anthropic knows auto and standard_only')
      return {}
  }
}
