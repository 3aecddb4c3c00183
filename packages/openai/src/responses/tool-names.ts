import { toolNameMapper } from '@turnout/core/adapter'
import type { ChatRequest, ToolNameMapper } from '@turnout/core/adapter'

const NAME_RULE = { maxLength: 64, allowed: /[A-Za-z0-9_-]/ }
const FITS = /^[A-Za-z0-9_-]{1,64}$/
const AS_IT_IS: ToolNameMapper = { toWire: (name) => name, fromWire: (name) => name }

/** Tool names as the API takes them, and back. Encoding and decoding see the same request, so they agree. */
export function toolNames(request: ChatRequest): ToolNameMapper {
  const names = new Set<string>()
  // Tools of other types, which the provider runs, have no function.
  for (const tool of request.tools ?? []) if (tool.type === 'function') names.add(tool.function.name)
  for (const message of request.messages) {
    if (message.role !== 'assistant' || !message.tool_calls) continue
    for (const call of message.tool_calls) names.add(call.function.name)
  }
  for (const name of names) if (!FITS.test(name)) return toolNameMapper([...names], NAME_RULE)
  return AS_IT_IS
}

/** A schema's name as the API takes it. */
export function schemaName(name: string): string {
  return toolNameMapper([name], NAME_RULE).toWire(name)
}
