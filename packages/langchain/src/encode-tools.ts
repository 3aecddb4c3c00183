import type {
  BindToolsInput,
  ToolChoice as LangChainToolChoice,
} from '@langchain/core/language_models/chat_models'
import { convertToOpenAITool } from '@langchain/core/utils/function_calling'
import type { Tool, ToolChoice } from '@turnout/core'

/** Tools of LangChain, OpenAI's definitions, and anything with a name and a schema. */
export const encodeTools = (tools: readonly BindToolsInput[]): readonly Tool[] =>
  tools.map((tool) => convertToOpenAITool(tool) as Tool)

/** `any` is LangChain's word for `required`; a bare name is a tool's. */
export function encodeToolChoice(choice: LangChainToolChoice): ToolChoice {
  if (typeof choice !== 'string') return choice as ToolChoice
  if (choice === 'any') return 'required'
  if (choice === 'auto' || choice === 'none' || choice === 'required') return choice
  return { type: 'function', function: { name: choice } }
}
