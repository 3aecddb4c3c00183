/** An adapter for the engine's own tests: each attempt plays a list of steps, so that every moment can be set. */
import { GatewayError, type GatewayErrorInit } from '../src/errors/gateway-error.js'
import type { Adapter, AttemptContext, AttemptMark, ModelCapabilities } from '../src/contract/adapter.js'
import type { ChatChunk, ChatDelta, FinishReason, Usage } from '../src/contract/chat-response.js'
import type { ChatRequest } from '../src/contract/chat-request.js'

export type Step =
  | readonly ChatChunk[]
  | { readonly waitMs: number }
  | { readonly mark: AttemptMark }
  | { readonly fail: Partial<GatewayErrorInit> & Pick<GatewayErrorInit, 'code'> }
  /** Never settles, whatever the signal says: the engine must not depend on it. */
  | { readonly hang: true }

export interface SteppedCall {
  readonly request: ChatRequest
  readonly attempt: AttemptContext
  cancelled: boolean
  /** How often the engine has asked for a batch. */
  pulls: number
}

export interface SteppedAdapter extends Adapter<'m1' | 'm2'> {
  readonly calls: SteppedCall[]
}

const head = {
  id: 'answer',
  object: 'chat.completion.chunk' as const,
  created: 1_700_000_000,
  model: 'm1-2026',
}
export const delta = (content: ChatDelta, finish: FinishReason | null = null): ChatChunk => ({
  ...head,
  choices: [
    { index: 0, delta: content, finish_reason: finish, ...(finish && { native_finish_reason: finish }) },
  ],
})
export const usage = (prompt_tokens: number, completion_tokens: number): Usage => ({
  prompt_tokens,
  completion_tokens,
  total_tokens: prompt_tokens + completion_tokens,
})
export const usageChunk = (prompt: number, completion: number): ChatChunk => ({
  ...head,
  choices: [],
  usage: usage(prompt, completion),
})
export const role = delta({ role: 'assistant', content: '' })
export const text = (content: string): ChatChunk => delta({ content })
export const stop = delta({}, 'stop')
/** A whole good answer. */
export const good = (content = 'Hello'): readonly Step[] => [
  { mark: 'connected' },
  { mark: 'headers' },
  [role],
  [text(content)],
  [stop, usageChunk(10, 5)],
]

/** @param script the steps of attempt 0, 1, 2 …; the last one repeats. */
export function steppedAdapter(
  script: readonly (readonly Step[])[],
  options: { name?: string; capabilities?: ModelCapabilities } = {},
): SteppedAdapter {
  const calls: SteppedCall[] = []
  return {
    name: options.name ?? 'stepped',
    models: ['m1', 'm2'],
    calls,
    ...(options.capabilities && { capabilities: () => options.capabilities as ModelCapabilities }),
    chat(request, attempt) {
      const call: SteppedCall = { request, attempt, cancelled: false, pulls: 0 }
      const steps = [...(script[Math.min(calls.length, script.length - 1)] ?? [])]
      calls.push(call)
      return {
        async next() {
          call.pulls++
          for (;;) {
            const step = steps.shift()
            if (!step) return undefined
            if ('waitMs' in step) await new Promise((resolve) => setTimeout(resolve, step.waitMs))
            else if ('mark' in step) attempt.mark(step.mark)
            else if ('fail' in step) throw new GatewayError({ message: 'scripted failure', ...step.fail })
            else if ('hang' in step) await new Promise(() => {})
            else return step
          }
        },
        cancel() {
          call.cancelled = true
        },
      }
    },
  }
}
