import type { Gateway } from '@turnout/core'
import type { Endpoint } from '../exchange.js'
import type { SurfaceOptions } from '../surface-options.js'
import { chatCompletions } from './chat-completions.js'

/** OpenAI's surface. */
export const openaiEndpoints = (gateway: Gateway, options: SurfaceOptions): readonly Endpoint[] => [
  chatCompletions(gateway, options),
]
