import type { ResponsesModelRules } from '@turnout/openai-compatible/responses'
import type { OpenAIModelRules } from './models.js'

/** Of an unknown model nothing is held back: words and settings go as they come. */
const ANY_EFFORT = { efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], default: 'none' }

/** The rules of a model in the form that the Responses dialect asks for. */
export function responsesRules(rules: OpenAIModelRules): ResponsesModelRules {
  const { reasoning, settings, capabilities, cacheMark, systemRole } = rules
  return {
    reasoning: reasoning ?? ANY_EFFORT,
    // A summary costs nothing, but organisations that are not verified get 400: only with an effort of the caller's.
    summary: 'asked',
    samplingWhileReasoning: reasoning === undefined,
    verbosity: settings?.verbosity?.drop === undefined,
    parallelToolCalls: settings?.parallel_tool_calls?.drop === undefined,
    images: capabilities?.images !== false,
    files: capabilities?.files !== false,
    cacheBreakpoints: cacheMark === 'prompt_cache_breakpoint',
    systemRole: systemRole === 'developer' ? 'developer' : 'system',
    userField: 'safety_identifier',
  }
}
