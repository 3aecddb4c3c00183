import { adapterError } from '../attempts/adapter-error.js'
import { commitFirst } from '../attempts/commit-first.js'
import { weGaveUp } from '../attempts/commit-one.js'
import { createAttemptBudget } from '../attempts/run-lane.js'
import { startAttempt, type StartedAttempt } from '../attempts/start-attempt.js'
import type { EmbeddingRequest, EmbeddingResponse, EmbeddingResult } from '../contract/embedding.js'
import type { Candidate } from '../contract/plan.js'
import { validateEmbeddingRequest } from '../contract/validate-request.js'
import { estimateTextTokens } from '../accounting/estimate-tokens.js'
import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import { attemptSettings } from './attempt-settings.js'
import { beginCall, type OpenCall } from './begin-call.js'
import { admitCall } from './admit-call.js'
import { billFor, UNBILLED, type CallRecord } from './record.js'
import { routeEmbedding } from './route-call.js'
import type { Runtime } from './runtime.js'

/** The life of one embedding request: the stages of a chat that make sense for it. */
export async function executeEmbedding(
  runtime: Runtime,
  open: OpenCall,
  record: CallRecord,
): Promise<EmbeddingResponse> {
  try {
    const call = record.begin(beginCall(runtime, open))
    const request = validateEmbeddingRequest(open.input, call)
    const routed = record.routed(await routeEmbedding(runtime, call, request))
    const { plan } = routed
    const { gate } = record.admitted(await admitCall(runtime, call, routed))

    const settings = attemptSettings(runtime, call, 'complete', plan)
    const { candidate, result, usage } = await commitFirst(call, plan, {
      run: (target, order) => embedOne(runtime, request, startAttempt(target, order, settings)),
      gate,
      policy: runtime.retryPolicy,
      budget: createAttemptBudget(call.options.maxAttempts),
    })

    const estimated = result.usage === undefined
    const response: EmbeddingResponse = {
      object: 'list',
      model: result.model,
      data: result.vectors.map((vector, index) => ({
        object: 'embedding',
        index,
        embedding: request.encoding_format === 'base64' ? toBase64(vector) : vector,
      })),
      usage: { prompt_tokens: usage.prompt_tokens, total_tokens: usage.total_tokens },
      gateway: record.meta(candidate, estimated, 'ok'),
    }
    record.succeed(usage, estimated)
    return response
  } catch (error) {
    throw record.fail(error)
  }
}

async function embedOne(runtime: Runtime, request: EmbeddingRequest, attempt: StartedAttempt) {
  const { candidate } = attempt
  try {
    const result = await attempt.race(embedWith(candidate, request, attempt.context))
    const usage = inputUsage(result, request.input)
    attempt.settle('ok', billFor(runtime, candidate, { usage, estimated: result.usage === undefined }))
    return { candidate, result, usage }
  } catch (thrown) {
    const error = adapterError(thrown, candidate)
    attempt.stop(error)
    // Whoever we leave goes on reading, and bills what it has read.
    const bill =
      weGaveUp(error) && attempt.wasSent()
        ? billFor(runtime, candidate, { usage: inputUsage(undefined, request.input), estimated: true })
        : UNBILLED
    attempt.settle(isGatewayError(error, 'aborted', 'closed') ? 'aborted' : 'error', bill, error)
    throw error
  }
}

function embedWith(
  { adapter, provider, model }: Candidate,
  ...[request, context]: Parameters<NonNullable<Candidate['adapter']['embed']>>
): Promise<EmbeddingResult> {
  if (adapter.embed) return adapter.embed(request, context)
  throw new GatewayError({
    code: 'invalid_request',
    path: 'model',
    message: `${provider}/${model}: the adapter has no embeddings`,
  })
}

/** As the provider counts it; an estimate where it does not. */
function inputUsage(result: EmbeddingResult | undefined, input: string | readonly string[]) {
  const texts = typeof input === 'string' ? [input] : input
  const prompt_tokens =
    result?.usage?.prompt_tokens ?? texts.reduce((sum, text) => sum + estimateTextTokens(text), 0)
  return { prompt_tokens, completion_tokens: 0, total_tokens: prompt_tokens }
}

/** Little-endian float32, as OpenAI encodes it. */
function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4)
  vector.forEach((value, i) => bytes.writeFloatLE(value, i * 4))
  return bytes.toString('base64')
}
