import type { LanguageModelV3StreamPart, SharedV3Warning } from '@ai-sdk/provider'
import {
  GatewayError,
  isGatewayError,
  type ChatChunk,
  type ChatStream,
  type PartialResponse,
} from '@turnout/core'
import { readMeta } from './read-meta.js'
import { readUsage } from './read-usage.js'
import { createPartWriter } from './part-writer.js'
import { surfaceError } from './surface-error.js'

export interface StreamFacts {
  readonly modelId: string
  readonly warnings: SharedV3Warning[]
  /** Hand out the gateway's own chunks too. */
  readonly raw: boolean
}

type Controller = ReadableStreamDefaultController<LanguageModelV3StreamPart>

/** The one web stream that the specification asks for: pulled by batches, no queue beyond one. */
export function streamAnswer(
  answer: ChatStream,
  first: readonly ChatChunk[] | undefined,
  { modelId, warnings, raw }: StreamFacts,
): ReadableStream<LanguageModelV3StreamPart> {
  let next: Promise<readonly ChatChunk[] | undefined> | undefined = Promise.resolve(first)
  let written = 0
  let target: Controller
  const write = (part: LanguageModelV3StreamPart): void => {
    written++
    target.enqueue(part)
  }
  const parts = createPartWriter(write)

  /** What came stays: the error is a part of the stream, then the usage so far. */
  const fail = (error: unknown): void => {
    const told = surfaceError(error, modelId)
    if (!isGatewayError(error) || error.code === 'aborted') {
      target.error(told)
      return
    }
    const partial = error.partial as PartialResponse | undefined
    parts.close()
    write({ type: 'error', error: told })
    write({
      type: 'finish',
      finishReason: { unified: 'error', raw: error.code },
      usage: readUsage(partial?.usage),
      ...(partial && { providerMetadata: readMeta(partial.gateway, true) }),
    })
    target.close()
  }

  const pull = async (): Promise<void> => {
    const before = written
    try {
      for (;;) {
        const batch = await (next ?? answer.nextBatch())
        next = undefined
        if (!batch) {
          target.close()
          return
        }
        for (const chunk of batch) {
          if (chunk.gateway && 'event' in chunk.gateway) throw restarted()
          if (raw) write({ type: 'raw', rawValue: chunk })
          parts.write(chunk)
        }
        // Chunks may have nothing to show, and a pull that brings nothing would not be repeated.
        if (written > before) return
      }
    } catch (error) {
      fail(error)
      void answer.return()
    }
  }

  return new ReadableStream<LanguageModelV3StreamPart>(
    {
      start(controller) {
        target = controller
        write({ type: 'stream-start', warnings })
      },
      pull,
      async cancel() {
        await answer.return()
      },
    },
    { highWaterMark: 0 },
  )
}

/** `rescue: 'restart'` of a route: nobody here can take back what was shown. */
const restarted = (): GatewayError =>
  new GatewayError({
    code: 'stream_interrupted',
    message:
      "the answer began anew, which the AI SDK cannot show; use rescue: 'continue' or 'hold' on this route",
  })
