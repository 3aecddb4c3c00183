import { toolNameMapper } from '@turnout/core/adapter'
import type { ChatRequest, ToolNameMapper } from '@turnout/core/adapter'
import { createToolNames } from '../chat/tool-names.js'

const NAME_RULE = { maxLength: 64, allowed: /[A-Za-z0-9_-]/ }
const AS_IT_IS: ToolNameMapper = { toWire: (name) => name, fromWire: (name) => name }
const namesOf = createToolNames(NAME_RULE)

/** Tool names as the API takes them, and back. Encoding and decoding see the same request, so they agree. */
export function toolNames(request: ChatRequest): ToolNameMapper {
  return namesOf(request) ?? AS_IT_IS
}

/** A schema's name as the API takes it. */
export function schemaName(name: string): string {
  return toolNameMapper([name], NAME_RULE).toWire(name)
}
