/**
 * What an answer carries for its provider's next turn, in `additional_kwargs.turnout`. It is JSON, so that it survives
 * checkpoints and databases with the message.
 */
import type { AssistantMessage, ResponseMessage } from '@turnout/core'

export const KEY = 'turnout'

export interface MessageNotes {
  readonly reasoning_details?: AssistantMessage['reasoning_details']
  readonly provider_state?: AssistantMessage['provider_state']
  /** By tool call: arguments that JSON would write differently. What a provider signed must not be written anew. */
  readonly arguments?: Readonly<Record<string, string>>
}

export function notesOf(message: ResponseMessage): MessageNotes | undefined {
  const exact: Record<string, string> = {}
  for (const { id, function: called } of message.tool_calls ?? []) {
    if (isRewritten(called.arguments)) exact[id] = called.arguments
  }
  const { reasoning_details, provider_state } = message
  const hasArguments = Object.keys(exact).length > 0
  if (!reasoning_details && !provider_state && !hasArguments) return undefined
  return {
    ...(reasoning_details && { reasoning_details }),
    ...(provider_state && { provider_state }),
    ...(hasArguments && { arguments: exact }),
  }
}

function isRewritten(text: string): boolean {
  try {
    return text !== '' && JSON.stringify(JSON.parse(text)) !== text
  } catch {
    return false // kept as an invalid tool call, word for word
  }
}
