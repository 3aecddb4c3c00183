import type { Gateway } from '@turnout/core'
import type { Endpoint } from '../exchange.js'
import type { SurfaceOptions } from '../surface-options.js'
import { countTokens } from './count-tokens.js'
import { messages } from './messages.js'

/** Anthropic's surface; its list of models is at the same path as OpenAI's. */
export const anthropicEndpoints = (gateway: Gateway, options: SurfaceOptions): readonly Endpoint[] => [
  messages(gateway, options),
  countTokens(gateway, options),
]
