/** Which reply a request gets: a list, a function of the request, or one of these for each model. */

/** What a script may know of a request. */
export interface ScriptedRequest {
  /** Counts the requests from 0. */
  readonly index: number
  readonly model: string
  readonly stream: boolean
  /** Text of the last user message. */
  readonly lastUserText: string
  /** The whole request: the vendor's parsed body at an emulator, a `ChatRequest` at a mock adapter. */
  readonly body: unknown
}

/**
 * One reply for every request; a list, one reply a request, whose last one repeats; or a function.
 */
export type Replies<Reply> = Reply | readonly Reply[] | ((request: ScriptedRequest) => Reply | Promise<Reply>)

/** With `byModel`, each model has a script of its own; `*` stands for every other model. */
export type Script<Reply> = Replies<Reply> | { readonly byModel: Readonly<Record<string, Replies<Reply>>> }

export interface RunningScript<Reply> {
  /** The reply to this request. Rejects when the script has none for the model. */
  next(request: ScriptedRequest): Promise<Reply>
  /** Replies of lists that no request has used yet; repeats count as used. */
  remaining(): number
}

/**
 * Starts a script from its beginning.
 *
 * @throws TypeError for an empty list: it could answer nothing.
 */
export function runScript<Reply extends object | string>(script: Script<Reply>): RunningScript<Reply> {
  if (typeof script !== 'object' || !('byModel' in script)) return runReplies(script as Replies<Reply>)
  const runs = new Map(Object.entries(script.byModel).map(([model, replies]) => [model, runReplies(replies)]))
  return {
    next(request) {
      const run = runs.get(request.model) ?? runs.get('*')
      if (run) return run.next(request)
      const known = [...runs.keys()].join(', ')
      return Promise.reject(
        new TypeError(
          `the script has no replies for model "${request.model}", only for: ${known}; add it or "*"`,
        ),
      )
    },
    remaining: () => [...runs.values()].reduce((sum, run) => sum + run.remaining(), 0),
  }
}

function runReplies<Reply extends object | string>(replies: Replies<Reply>): RunningScript<Reply> {
  if (typeof replies === 'function') {
    return { next: async (request) => replies(request), remaining: () => 0 }
  }
  if (!Array.isArray(replies)) return { next: () => Promise.resolve(replies as Reply), remaining: () => 0 }
  const list = replies as readonly Reply[]
  if (list.length === 0) throw new TypeError('a list of replies needs at least one entry')
  let used = 0
  return {
    next() {
      const reply = list[Math.min(used, list.length - 1)] as Reply
      used = Math.min(used + 1, list.length)
      return Promise.resolve(reply)
    },
    remaining: () => list.length - used,
  }
}
