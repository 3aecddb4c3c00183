import { toolNameMapper, type ChatRequest, type ToolNameMapper } from '@turnout/core/adapter'

/** Letter or `_` first, then letters, digits and `_.:-`; some deployments take no more than 64 characters. */
const RULE = { maxLength: 64, first: /[A-Za-z_]/, allowed: /[A-Za-z0-9_.:-]/ }

/** The same mapper for encoding a request and for decoding its answer. */
export function geminiToolNames(request: ChatRequest): ToolNameMapper {
  return toolNameMapper(
    (request.tools ?? []).map((tool) => tool.function.name),
    RULE,
  )
}
