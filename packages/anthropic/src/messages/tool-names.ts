import { toolNameMapper, type ChatRequest, type ToolNameMapper } from '@turnout/core/adapter'

const ALLOWED = /[A-Za-z0-9_-]/
const FITTING = /^[A-Za-z0-9_-]+$/
const UNTOUCHED: ToolNameMapper = { toWire: (name) => name, fromWire: (name) => name }

/** The names of a request's tools, those of calls in its history included, each once. */
export function namesOf(request: ChatRequest): readonly string[] {
  const names = new Set<string>()
  for (const tool of request.tools ?? []) names.add(tool.function.name)
  for (const message of request.messages) {
    if (message.role !== 'assistant' || !message.tool_calls) continue
    for (const call of message.tool_calls) names.add(call.function.name)
  }
  return [...names]
}

/** Encoder and decoder build the same mapping from the same request. */
export function toolNames(request: ChatRequest, maxLength: number): ToolNameMapper {
  const names = namesOf(request)
  const fit = names.every((name) => name.length <= maxLength && FITTING.test(name))
  return fit ? UNTOUCHED : toolNameMapper(names, { maxLength, allowed: ALLOWED })
}
