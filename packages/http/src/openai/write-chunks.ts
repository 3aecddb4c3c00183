/** Chat chunks as OpenAI's event stream: unnamed events, `[DONE]` at the end of what is complete. */
import type { ChatChunk } from '@turnout/core'
import { restartRefused } from '../call-options.js'
import type { FrameWriter } from '../event-frames.js'
import { describeFailure } from '../failure.js'
import { shownMeta } from '../shown-meta.js'
import type { SurfaceOptions } from '../surface-options.js'
import { openaiErrorBody } from './openai-error.js'
import { createRefusalReader } from './refusals.js'

const frame = (value: object): string => `data: ${JSON.stringify(value)}\n\n`

/**
 * @param withUsage the client asked for a last chunk without choices. Others would read `choices[0]` of it: for them what
 *   the gateway tells stands on the chunk that ends the answer, which therefore waits for it.
 */
export function chunkWriter(withUsage: boolean, options: SurfaceOptions): FrameWriter {
  const readRefusals = createRefusalReader()
  let ending: ChatChunk | undefined
  const flush = (): string => {
    const text = ending ? frame(ending) : ''
    ending = undefined
    return text
  }
  return {
    keepAlive: ': keep-alive\n\n',
    chunk(given) {
      const chunk = readRefusals(given)
      const meta = chunk.gateway
      if (!meta) {
        const before = flush()
        if (!isEnding(chunk)) return before + frame(chunk)
        ending = chunk
        return before
      }
      if ('event' in meta) throw restartRefused()
      if (withUsage) return flush() + frame({ ...chunk, gateway: shownMeta(meta, options) })
      if (ending) ending = { ...ending, gateway: shownMeta(meta, options) as typeof meta }
      return flush()
    },
    end: () => 'data: [DONE]\n\n',
    error: (error) => flush() + frame(openaiErrorBody(describeFailure(error, options))),
  }
}

function isEnding({ choices }: ChatChunk): boolean {
  for (const choice of choices) if (choice.finish_reason !== null) return true
  return false
}
