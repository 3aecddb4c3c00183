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

export const ERROR_CODES = {
  invalid_request: {
    verdict: 'fail',
    retryable: false,
    status: 400,
    meaning: "The request or the configuration is not valid, either by our own check or by the provider's.",
    remedy: 'Mend the value named by `path`; the same request will fail again.',
  },
  authentication: {
    verdict: 'next',
    retryable: false,
    status: 401,
    meaning: 'The provider refused the key, or no key is configured.',
    remedy:
      "Set the provider's key (`apiKey` or its environment variable) and check that it belongs to this base URL.",
  },
  permission: {
    verdict: 'next',
    retryable: false,
    status: 403,
    meaning: 'The key is valid but may not use this model, feature or region.',
    remedy: 'Ask the provider for access or route to a model that the key may use.',
  },
  not_found: {
    verdict: 'next',
    retryable: false,
    status: 404,
    meaning: 'The provider does not know this model or path.',
    remedy: "Check the model id behind the provider prefix and the adapter's `baseURL`.",
  },
  rate_limited: {
    verdict: 'same',
    retryable: true,
    status: 429,
    meaning: 'The provider (or our own limiter) asks for fewer requests or tokens a minute.',
    remedy: 'Wait `retryAfterMs` when it is given, add a second target to the route, or lower the load.',
  },
  quota_exhausted: {
    verdict: 'next',
    retryable: false,
    status: 429,
    meaning: 'Credit, spend limit or a daily allowance at the provider is used up.',
    remedy: 'Top up or raise the limit at the provider; waiting a minute will not help.',
  },
  context_length: {
    verdict: 'next',
    retryable: false,
    status: 400,
    meaning: "The conversation is longer than the model's context window.",
    remedy: 'Shorten the messages or add a target with a larger window to the route.',
  },
  content_filtered: {
    verdict: 'fail',
    retryable: false,
    status: 400,
    meaning: 'The provider refused the request outright on policy grounds, or a guard did.',
    remedy: 'Change the content; it is not routed around unless the route asks for that.',
  },
  timeout: {
    verdict: 'next',
    retryable: true,
    status: 504,
    meaning:
      'One of the five clocks ran out; `phase` says which: connect, headers, first_token, idle or total.',
    remedy: 'Raise that clock in `timeout`, or add a faster target to the route.',
  },
  aborted: {
    verdict: 'fail',
    retryable: false,
    status: 499,
    meaning: 'The caller aborted the call; the reason given to the signal is the `cause`.',
    remedy: 'Nothing to do: `partial` holds what had arrived.',
  },
  overloaded: {
    verdict: 'same',
    retryable: true,
    status: 503,
    meaning: 'The provider has no capacity at the moment.',
    remedy: 'Try again later or add a target at another provider to the route.',
  },
  upstream_error: {
    verdict: 'same',
    retryable: true,
    status: 502,
    meaning: 'The provider failed (5xx) or the connection to it broke.',
    remedy: "Try again; when it lasts, look at the provider's status page and at the network between.",
  },
  bad_response: {
    verdict: 'same',
    retryable: true,
    status: 502,
    meaning:
      'The provider answered with something that is not a valid answer: HTML, broken JSON, an empty body, or more than `bounds` allow.',
    remedy:
      'Check `baseURL` and proxies in between; raise the bound if the message names one; when it lasts, report it with the request id.',
  },
  stream_interrupted: {
    verdict: 'same',
    retryable: true,
    status: 502,
    meaning: 'A stream ended without its end mark; `partial` holds the answer so far with its usage.',
    remedy: "Use `partial`, or ask again; the provider's own reason, when it gave one, is the `cause`.",
  },
  schema_mismatch: {
    verdict: 'next',
    retryable: true,
    status: 502,
    meaning: 'The answer does not match the requested schema.',
    remedy: 'Loosen the schema, allow a repair, or use a model with native structured output.',
  },
  blocked: {
    verdict: 'fail',
    retryable: false,
    status: 403,
    meaning: 'A guardrail of this gateway blocked the request or the answer.',
    remedy: 'See the guardrail named in the message; the provider was not the reason.',
  },
  approval_required: {
    verdict: 'fail',
    retryable: false,
    status: 403,
    meaning: "A tool call needs a person's approval before it may run.",
    remedy: 'Obtain the approval and call again with its token.',
  },
  budget_exceeded: {
    verdict: 'fail',
    retryable: false,
    status: 402,
    meaning: 'A budget of this gateway is used up; `resetsAt` says when it starts anew.',
    remedy: 'Wait for the reset, raise the budget, or use a cheaper route.',
  },
  queue_full: {
    verdict: 'fail',
    retryable: true,
    status: 503,
    meaning: "The gateway's own queue is full or could not serve the call before its deadline.",
    remedy: 'Wait `retryAfterMs` and try again, raise the limits, or give the call a higher priority.',
  },
  breaker_open: {
    verdict: 'next',
    retryable: true,
    status: 503,
    meaning: 'The circuit breaker of this target is open after too many failures.',
    remedy: 'Wait `retryAfterMs`, or add another target to the route.',
  },
  no_route: {
    verdict: 'fail',
    retryable: false,
    status: 404,
    meaning:
      'The model name is no route, no `provider/model` of a configured provider and no known model id.',
    remedy: 'Use one of the names that the message suggests, or add the provider or route.',
  },
  all_failed: {
    verdict: 'fail',
    retryable: true,
    status: 502,
    meaning: 'Every attempt failed; `attempts` lists each with its own error.',
    remedy: 'Look at `attempts`: status, `retryable` and `retryAfterMs` are those of the last one.',
  },
  closed: {
    verdict: 'fail',
    retryable: false,
    status: 503,
    meaning: 'The gateway has been closed.',
    remedy: 'Create a new gateway; a closed one takes no calls.',
  },
} as const satisfies Record<string, ErrorCodeEntry>

export type ErrorCode = keyof typeof ERROR_CODES

/** The clock that ran out, on errors with code `timeout`. */
export type TimeoutPhase = 'connect' | 'headers' | 'first_token' | 'idle' | 'total'
