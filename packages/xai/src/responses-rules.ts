import type { ResponsesModelRules } from '@turnout/openai-compatible/responses'
import type { XaiModelRules } from './models.js'

/** Of an unknown model nothing is held back: words go as they come. */
const ANY_EFFORT = { efforts: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'], default: 'none' }

/** The rules of a model in the form that the Responses dialect asks for. */
export function responsesRules({ reasoning, capabilities }: XaiModelRules): ResponsesModelRules {
  return {
    reasoning: reasoning ?? ANY_EFFORT,
    summary: 'never',
    samplingWhileReasoning: true,
    verbosity: false,
    parallelToolCalls: true,
    images: capabilities?.images !== false,
    files: capabilities?.files !== false,
    cacheBreakpoints: false,
    systemRole: 'system',
    userField: 'user',
  }
}
