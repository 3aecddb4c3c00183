/**
 * The closed list of error codes, with what each one means for the attempt engine, for a caller and for an
 * HTTP surface. `docs/errors.md` is generated from this table.
 */

/** What the attempt engine does with an error by default: same target again, next target, or give up. */
export type ErrorVerdict = 'same' | 'next' | 'fail'

interface ErrorCodeEntry {
  /** Default verdict before the commit point. */
  readonly verdict: ErrorVerdict
  /** Default of `GatewayError.retryable`: the same request to the same provider may succeed later. */
  readonly retryable: boolean
  /** The HTTP status that a surface answers with when the error carries none of its own. */
  readonly status: number
  /** What happened, in one sentence. */
  readonly meaning: string
  /** What the caller can do about it, in one sentence. */
  readonly remedy: string
}

const entry = (
  verdict: ErrorVerdict,
  retryable: boolean,
  status: number,
  meaning: string,
  remedy: string,
): ErrorCodeEntry => ({ verdict, retryable, status, meaning, remedy })

export const ERROR_CODES = {
  invalid_request: entry('fail', false, 400,
    'The request or the configuration is not valid, either by our own check or by the provider\'s.',
    'Mend the value named by `path`; the same request will fail again.'),
  authentication: entry('next', false, 401,
    'The provider refused the key, or no key is configured.',
    'Set the provider\'s key (`apiKey` or its environment variable) and check that it belongs to this base URL.'),
  permission: entry('next', false, 403,
    'The key is valid but may not use this model, feature or region.',
    'Ask the provider for access or route to a model that the key may use.'),
  not_found: entry('next', false, 404,
    'The provider does not know this model or path.',
    'Check the model id behind the provider prefix and the adapter\'s `baseURL`.'),
  rate_limited: entry('same', true, 429,
    'The provider (or our own limiter) asks for fewer requests or tokens a minute.',
    'Wait `retryAfterMs` when it is given, add a second target to the route, or lower the load.'),
  quota_exhausted: entry('next', false, 429,
    'Credit, spend limit or a daily allowance at the provider is used up.',
    'Top up or raise the limit at the provider; waiting a minute will not help.'),
  context_length: entry('next', false, 400,
    'The conversation is longer than the model\'s context window.',
    'Shorten the messages or add a target with a larger window to the route.'),
  content_filtered: entry('fail', false, 400,
    'The provider refused the request outright on policy grounds, or a guard did.',
    'Change the content; it is not routed around unless the route asks for that.'),
  timeout: entry('next', true, 504,
    'One of the five clocks ran out; `phase` says which: connect, headers, first_token, idle or total.',
    'Raise that clock in `timeout`, or add a faster target to the route.'),
  aborted: entry('fail', false, 499,
    'The caller aborted the call; the reason given to the signal is the `cause`.',
    'Nothing to do: `partial` holds what had arrived.'),
  overloaded: entry('same', true, 503,
    'The provider has no capacity at the moment.',
    'Try again later or add a target at another provider to the route.'),
  upstream_error: entry('same', true, 502,
    'The provider failed (5xx) or the connection to it broke.',
    'Try again; when it lasts, look at the provider\'s status page and at the network between.'),
  bad_response: entry('same', true, 502,
    'The provider answered with something that is not a valid answer: HTML, broken JSON, an empty body.',
    'Check `baseURL` and proxies in between; when it lasts, report it with the request id.'),
  stream_interrupted: entry('same', true, 502,
    'A stream ended without its end mark; `partial` holds the answer so far with its usage.',
    'Use `partial`, ask again, or opt in to a rescue for streams.'),
  schema_mismatch: entry('next', true, 502,
    'The answer does not match the requested schema.',
    'Loosen the schema, allow a repair, or use a model with native structured output.'),
  blocked: entry('fail', false, 403,
    'A guardrail of this gateway blocked the request or the answer.',
    'See the guardrail named in the message; the provider was not the reason.'),
  approval_required: entry('fail', false, 403,
    'A tool call needs a person\'s approval before it may run.',
    'Obtain the approval and call again with its token.'),
  budget_exceeded: entry('fail', false, 402,
    'A budget of this gateway is used up; `resetsAt` says when it starts anew.',
    'Wait for the reset, raise the budget, or use a cheaper route.'),
  queue_full: entry('fail', true, 503,
    'The gateway\'s own queue is full or could not serve the call before its deadline.',
    'Wait `retryAfterMs` and try again, raise the limits, or give the call a higher priority.'),
  breaker_open: entry('next', true, 503,
    'The circuit breaker of this target is open after too many failures.',
    'Wait `retryAfterMs`, or add another target to the route.'),
  no_route: entry('fail', false, 404,
    'The model name is no route, no `provider/model` of a configured provider and no known model id.',
    'Use one of the names that the message suggests, or add the provider or route.'),
  all_failed: entry('fail', true, 502,
    'Every attempt failed; `attempts` lists each with its own error.',
    'Look at `attempts`: status, `retryable` and `retryAfterMs` are those of the last one.'),
  closed: entry('fail', false, 503,
    'The gateway has been closed.',
    'Create a new gateway; a closed one takes no calls.'),
} as const satisfies Record<string, ErrorCodeEntry>

export type ErrorCode = keyof typeof ERROR_CODES

/** The clock that ran out, on errors with code `timeout`. */
export type TimeoutPhase = 'connect' | 'headers' | 'first_token' | 'idle' | 'total'
