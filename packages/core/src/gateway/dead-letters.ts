import { openRequest } from '../admission/protect-request.js'
import type { CallOptions } from '../contract/call-options.js'
import type { ChatResponse } from '../contract/chat-response.js'
import type { DeadLetter, DeadLetterOffice, DeadLetterQuery } from '../contract/dead-letter.js'
import { invalidRequest } from '../contract/describe-issue.js'

/** Calls that failed for good on routes with `deadLetter: true`. */
export interface DeadLetters {
  /** The latest first. */
  list(query?: DeadLetterQuery): Promise<readonly DeadLetter[]>
  get(id: string): Promise<DeadLetter | undefined>
  /**
   * Sends the call again, as a chat, with the options it had and those given here. When it is answered the letter is
   * dropped; when it fails again the letter stays, with the new error.
   * @throws GatewayError `invalid_request` when there is no such letter, or it cannot be opened
   */
  retry(id: string, options?: CallOptions): Promise<ChatResponse>
  /** @returns whether it was there */
  drop(id: string): Promise<boolean>
}

/** @param chat makes the call */
export function createDeadLetters(
  { store, content }: DeadLetterOffice,
  chat: (request: object, options: CallOptions, letterId: string) => Promise<ChatResponse>,
): DeadLetters {
  /** Being sent again. */
  const underWay = new Set<string>()
  const sendAgain = async (id: string, options: CallOptions | undefined): Promise<ChatResponse> => {
    const letter = await store.get(id)
    if (!letter) throw invalidRequest('id', 'is no dead letter; it may have expired, or been answered')
    if (letter.call === 'embed') throw invalidRequest('id', 'is an embedding; ask for it again with embed()')
    const {
      gateway: _options,
      stream: _stream,
      ...request
    } = openRequest(letter.request, content) as Record<string, unknown>
    const answer = await chat(request, { ...letter.options, requestId: letter.requestId, ...options }, id)
    await store.delete(id)
    return answer
  }
  return {
    list: async (query) => store.list(query),
    get: async (id) => store.get(id),
    async retry(id: unknown, options) {
      if (typeof id !== 'string')
        throw invalidRequest('id', 'must be the `id` of a dead letter, as list() gives it')
      if (underWay.has(id)) throw invalidRequest('id', 'is being sent again already; wait for that')
      underWay.add(id)
      try {
        return await sendAgain(id, options)
      } finally {
        underWay.delete(id)
      }
    },
    drop: async (id) => store.delete(id),
  }
}
