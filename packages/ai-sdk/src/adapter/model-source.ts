/** One attempt at a model of the AI SDK, pulled part by part. */
import type { LanguageModelV3StreamPart } from '@ai-sdk/provider'
import {
  GatewayError,
  isGatewayError,
  type AttemptContext,
  type ChatChunk,
  type ChatRequest,
  type ChunkSource,
} from '@turnout/core/adapter'
import type { ModelTable } from './ai-sdk-models.js'
import { classifyError } from './classify-error.js'
import { encodeOptions } from './encode-options.js'
import type { ModelCall } from './model-call.js'
import { createPartReader, type PartReader } from './part-reader.js'
import { warningText } from './warning-text.js'

export interface SourceCall {
  readonly table: ModelTable
  readonly adapter: string
  readonly request: ChatRequest
  readonly attempt: AttemptContext
}

export function createModelSource({ table, adapter, request, attempt }: SourceCall): ChunkSource {
  const controller = new AbortController()
  let reader: ReadableStreamDefaultReader<LanguageModelV3StreamPart> | undefined
  let parts: PartReader | undefined
  let begun = false
  let ended = false
  let failure: GatewayError | undefined
  let rejectPending: ((error: GatewayError) => void) | undefined

  const settle = (error?: GatewayError): void => {
    if (ended) return
    ended = true
    failure = error
    attempt.signal.removeEventListener('abort', followSignal)
  }
  /** A model may ignore its signal: nobody waits for it. */
  const giveUp = (reason: unknown): void => {
    if (ended) return
    const error = abortError(reason)
    settle(error)
    controller.abort(reason)
    reader?.cancel(reason).catch(() => {})
    rejectPending?.(error)
  }
  const followSignal = (): void => giveUp(attempt.signal.reason)

  const begin = async (): Promise<readonly ChatChunk[] | undefined> => {
    begun = true
    const model = table.language(attempt.model)
    const call: ModelCall = { model, adapter, request, attempt }
    const options = await encodeOptions(call, controller.signal)
    if (ended) return undefined
    parts = createPartReader(call)
    if (attempt.stream) {
      const { stream, response } = await model.doStream(options)
      reader = stream.getReader()
      if (ended) await reader.cancel()
      tellResponse(response?.headers)
      return undefined
    }
    const { content, finishReason, usage, response, warnings } = await model.doGenerate(options)
    tellResponse(response?.headers)
    tellWarnings(warnings)
    const { read, readContent } = parts
    read({ type: 'response-metadata', ...response })
    const chunks = [
      ...content.flatMap((part) => readContent(part)),
      ...read({ type: 'finish', finishReason, usage }),
    ]
    settle()
    return chunks
  }
  const tellResponse = (headers: Readonly<Record<string, string>> | undefined): void => {
    attempt.mark('headers')
    const { 'set-cookie': _cookies, ...safe } = headers ?? {}
    const providerRequestId = safe['x-request-id'] ?? safe['request-id']
    attempt.response({
      status: 200,
      headers: safe,
      ...(providerRequestId !== undefined && { providerRequestId }),
    })
  }
  const tellWarnings = (warnings: readonly { readonly type: string }[] | undefined): void => {
    for (const warning of warnings ?? []) {
      attempt.warn({ code: 'setting_dropped', message: warningText(warning), provider: attempt.provider })
    }
  }
  const pull = async (): Promise<readonly ChatChunk[] | undefined> => {
    if (!begun) {
      const whole = await begin()
      if (whole) return whole
    }
    for (;;) {
      if (ended || !reader || !parts) return undefined
      const { done, value } = await reader.read()
      if (ended) return undefined
      if (done) throw endless(attempt, parts.hasBegun())
      attempt.mark('alive')
      if (value.type === 'stream-start') tellWarnings(value.warnings)
      const chunks = parts.read(value)
      if (value.type === 'finish') {
        settle()
        // Whatever follows the end is of no interest, but the connection is.
        reader.cancel().catch(() => {})
      }
      if (chunks.length > 0) return chunks
    }
  }

  return {
    async next() {
      if (failure) throw failure
      if (ended) return undefined
      if (!begun) {
        if (attempt.signal.aborted) followSignal()
        else if (!attempt.cancelsSource)
          attempt.signal.addEventListener('abort', followSignal, { once: true })
        if (failure) throw failure
      }
      const given = new Promise<never>((_resolve, reject) => {
        rejectPending = reject
      })
      try {
        const chunks = await Promise.race([pull(), given])
        if (!chunks && failure) throw failure
        return chunks
      } catch (error) {
        settle(classifyError(error, attempt, parts?.hasBegun() === true))
        reader?.cancel().catch(() => {})
        throw failure ?? error
      }
    },
    cancel: giveUp,
  }
}

const endless = ({ provider, model }: AttemptContext, begun: boolean): GatewayError =>
  new GatewayError({
    code: begun ? 'stream_interrupted' : 'bad_response',
    message: `the stream of ${provider} ended without a finish`,
    provider,
    model,
  })

function abortError(reason: unknown): GatewayError {
  if (isGatewayError(reason)) return reason
  return new GatewayError({ code: 'aborted', message: 'the call was aborted', cause: reason })
}
