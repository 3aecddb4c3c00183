import type { Gateway } from '@turnout/core'
import type { Endpoint } from '../exchange.js'
import type { SurfaceOptions } from '../surface-options.js'
import { chatCompletions } from './chat-completions.js'
import { embeddings } from './embeddings.js'
import { listModels, retrieveModel } from './models.js'
import { responses } from './responses/responses.js'

/** OpenAI's surface. */
export const openaiEndpoints = (gateway: Gateway, options: SurfaceOptions): readonly Endpoint[] => [
  chatCompletions(gateway, options),
  responses(gateway, options),
  embeddings(gateway, options),
  listModels(gateway),
  retrieveModel(gateway),
]
