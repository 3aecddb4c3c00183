/** Keeps a provider's own blocks with a message and hands them back only while they still belong to it. */
import { createHash } from 'node:crypto'
import type { AssistantMessage } from '../contract/chat-request.js'
import type { ProviderState } from '../contract/message-parts.js'
import { textOf } from './media.js'
import type { ProtocolContext } from './protocol.js'

/** The standard fields that the digest is over. */
export type StateSubject = Pick<AssistantMessage, 'content' | 'refusal' | 'tool_calls' | 'reasoning_content'>

/** Whose state it is: the same for writer and reader. */
type StateOwner = Pick<ProtocolContext, 'adapter' | 'model' | 'origin' | 'provider' | 'warn'>

/** The blocks with the tag that {@link readProviderState} checks. */
export function makeProviderState(
  context: Pick<StateOwner, 'adapter' | 'model' | 'origin'>,
  blocks: readonly unknown[],
  message: StateSubject,
): ProviderState {
  const { adapter, model, origin } = context
  return { v: 1, adapter, model, origin, blocks, digest: digestOf(message) }
}

/**
 * The blocks of a message when they come from this adapter and origin and the message was not edited since;
 * otherwise `undefined`, with a warning `state_dropped` when there were any.
 */
export function readProviderState(
  message: AssistantMessage,
  context: StateOwner,
): readonly unknown[] | undefined {
  const state = message.provider_state
  if (state === undefined || state === null) return undefined
  const reason = staleBecause(state, message, context)
  if (reason === undefined) return state.blocks
  context.warn({
    code: 'state_dropped',
    message: `provider_state of an assistant message was left out: ${reason}`,
    provider: context.provider,
  })
  return undefined
}

function staleBecause(
  state: ProviderState,
  message: AssistantMessage,
  context: StateOwner,
): string | undefined {
  if (state.v !== 1 || !Array.isArray(state.blocks)) return 'it is not in a known form'
  if (state.adapter !== context.adapter) return `it belongs to the ${state.adapter} adapter`
  if (state.origin !== '*' && state.origin !== context.origin) return 'it comes from another server'
  if (state.digest !== digestOf(message)) return 'the message was changed since it was received'
  return undefined
}

/** Absent, `null` and empty count as the same: clients drop and add them at will. */
function digestOf(message: StateSubject): string {
  const calls = (message.tool_calls ?? []).map((call) => [
    call.id,
    call.function.name,
    call.function.arguments,
  ])
  const fields = [textOf(message.content), message.refusal ?? '', calls, message.reasoning_content ?? '']
  return createHash('sha256').update(JSON.stringify(fields)).digest('base64url')
}
