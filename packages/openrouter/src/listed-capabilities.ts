import { isRecord, type ModelCapabilities } from '@turnout/core/adapter'

/** What OpenRouter's list says that a model can do; what it does not say stays unknown. */
export function listedCapabilities(entry: Readonly<Record<string, unknown>>): ModelCapabilities {
  const { architecture, supported_parameters: parameters, context_length: context, top_provider: top } = entry
  const inputs = isRecord(architecture) ? texts(architecture.input_modalities) : undefined
  const known = texts(parameters)
  const maxOutput = isRecord(top) ? top.max_completion_tokens : undefined
  return {
    ...(inputs && {
      images: inputs.includes('image'),
      audio: inputs.includes('audio'),
      files: inputs.includes('file'),
    }),
    ...(known && {
      tools: known.includes('tools'),
      jsonSchema: known.includes('structured_outputs'),
      reasoning: known.includes('reasoning'),
    }),
    ...(isCount(context) && { contextTokens: context }),
    ...(isCount(maxOutput) && { maxOutputTokens: maxOutput }),
  }
}

const isCount = (value: unknown): value is number => typeof value === 'number' && value > 0

function texts(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : undefined
}
