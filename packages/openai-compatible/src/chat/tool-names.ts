import {
  toolNameMapper,
  type ChatRequest,
  type ToolNameMapper,
  type ToolNameRule,
} from '@turnout/core/adapter'

/** Finds the mapping of one request's tool names; `undefined` when every name is fine as it is. */
export type ToolNamesOf = (request: ChatRequest) => ToolNameMapper | undefined

/** The same request always gives the same mapping, so that encoding and decoding agree without sharing state. */
export function createToolNames(rule: ToolNameRule | undefined): ToolNamesOf {
  if (!rule) return () => undefined
  const start = rule.first === undefined ? '' : `(?=${rule.first.source})`
  const fits = new RegExp(`^${start}(?:${rule.allowed.source}){1,${rule.maxLength}}$`)
  return (request) => {
    const names = namesIn(request)
    for (const name of names) if (!fits.test(name)) return toolNameMapper([...names], rule)
    return undefined
  }
}

/** Tools first, then calls of earlier turns, whose tools may be gone. */
function namesIn(request: ChatRequest): ReadonlySet<string> {
  const names = new Set<string>()
  // Tools of other types, which a provider runs itself, have no function.
  for (const tool of request.tools ?? []) if (tool.type === 'function') names.add(tool.function.name)
  for (const message of request.messages) {
    if (message.role !== 'assistant' || !message.tool_calls) continue
    for (const call of message.tool_calls) names.add(call.function.name)
  }
  return names
}
