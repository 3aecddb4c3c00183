/** The calls of the soak: what each is, how it ends, and whether what came is what was sent. */
import { isGatewayError, type CallOptions, type Gateway } from '@turnout/core'
import { randomFrom } from './aborts.js'
import { requestOf } from './clients.js'
import { FAULT_KINDS, textOf, type Task } from './task.js'

export interface SoakCounts {
  ok: number
  aborted: number
  left: number
  /** Typed errors by code. */
  readonly errors: Record<string, number>
  /** What must not be: anything but a `GatewayError`, or text that is not the text sent. */
  untyped: number
  wrong: number
  firstUntyped: string | null
}

/** Shares of all calls. */
const FAULTY = 0.05
const ABORTED = 0.01
const LEFT = 0.01
const STREAMED = 0.3
const TENANTS = 100
const ABORT_WITHIN_MS = 5
/** A target that refuses by chance teaches the gateway to send slowly, and a soak at that pace takes hours. */
const WITHOUT_REFUSALS = FAULT_KINDS.filter((kind) => kind !== 'http-429')

export const newCounts = (): SoakCounts => ({
  ok: 0,
  aborted: 0,
  left: 0,
  errors: {},
  untyped: 0,
  wrong: 0,
  firstUntyped: null,
})

/**
 * Runs one call to its end and counts it; never rejects.
 * @param signal shared by all calls that are not given up
 * @param refusals whether 429 is among the faults
 */
export async function soakCall(
  gateway: Gateway,
  call: number,
  seed: number,
  signal: AbortSignal,
  counts: SoakCounts,
  refusals = false,
): Promise<void> {
  const random = randomFrom(seed ^ Math.imul(call + 1, 2_654_435_761))
  const isFaulty = random() < FAULTY
  const kinds = refusals ? FAULT_KINDS : WITHOUT_REFUSALS
  const kind = kinds[Math.floor(random() * kinds.length)] ?? 'reset'
  const attempts = random() < 0.7 ? 1 : 2
  const isStream = random() < STREAMED
  const fate = random()
  const task: Task = {
    call,
    chunks: 1 + Math.floor(random() * 20),
    spanMs: 0,
    ...(isFaulty && { fault: { kind, attempts } }),
  }
  const options: CallOptions = { tenant: `tenant-${call % TENANTS}`, tags: { team: `team-${call % 7}` } }
  const giveUp = fate < ABORTED ? new AbortController() : undefined
  const timer = giveUp && setTimeout(() => giveUp.abort(new Error('enough')), random() * ABORT_WITHIN_MS)
  const isLeft = isStream && fate > 1 - LEFT
  let text = ''
  try {
    const given = { ...options, signal: giveUp?.signal ?? signal }
    if (isStream) {
      for await (const chunk of gateway.stream(requestOf(task), given)) {
        text += chunk.choices[0]?.delta.content ?? ''
        if (isLeft && text !== '') break
      }
    } else text = (await gateway.chat(requestOf(task), given)).choices[0]?.message.content ?? ''
    if (isLeft) counts.left++
    else if (text === textOf(task)) counts.ok++
    else counts.wrong++
  } catch (error) {
    if (!isGatewayError(error)) {
      counts.untyped++
      counts.firstUntyped ??= String(error)
    } else if (!textOf(task).startsWith(text)) counts.wrong++
    else if (error.code === 'aborted' && giveUp?.signal.aborted) counts.aborted++
    else counts.errors[error.code] = (counts.errors[error.code] ?? 0) + 1
  } finally {
    clearTimeout(timer)
  }
}
