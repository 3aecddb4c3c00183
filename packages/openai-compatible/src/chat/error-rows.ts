/** How errors of this dialect are told apart. */
import type { ErrorCode } from '@turnout/core/adapter'

export interface ErrorClass {
  readonly code: ErrorCode
  /** Default: that of the code. */
  readonly retryable?: boolean
  /** The limit starts anew at `x-ratelimit-reset`: a daily allowance, say, which is no rate limit to wait for. */
  readonly untilReset?: boolean
}

/** One line of an error table. Every condition given must hold; the first row that matches decides. */
export interface ErrorRow extends ErrorClass {
  readonly status?: number
  /** One of them is among the fault's words; in lower case. */
  readonly words?: readonly string[]
  readonly message?: RegExp
}

/** What servers of this dialect have in common. A vendor's own rows are looked at first. */
export const COMMON_ERROR_ROWS: readonly ErrorRow[] = [
  {
    words: [
      'insufficient_quota',
      'credit_balance_exhausted',
      'billing_hard_limit_reached',
      'billing_not_active',
      'insufficient_balance',
      'insufficient_credits',
      'payment_required',
    ],
    code: 'quota_exhausted',
  },
  { status: 503, words: ['slow_down'], code: 'overloaded' },
  {
    words: [
      'rate_limit_exceeded',
      'rate_limited',
      'rate_limit_error',
      'too_many_requests',
      'slow_down',
      'resource_exhausted',
    ],
    code: 'rate_limited',
  },
  { words: ['context_length_exceeded'], code: 'context_length' },
  {
    words: [
      'content_policy_violation',
      'content_filter',
      'responsibleaipolicyviolation',
      'moderation_blocked',
      'invalid_prompt',
    ],
    code: 'content_filtered',
  },
  {
    words: ['invalid_api_key', 'authentication_error', 'invalid_authentication', 'unauthorized'],
    code: 'authentication',
  },
  { status: 400, message: /\b(?:incorrect|invalid) api[ _-]?key\b/i, code: 'authentication' },
  // A model that the project may not use is called "not found" too, with status 403.
  { status: 403, words: ['model_not_found'], code: 'permission' },
  {
    words: ['unsupported_country_region_territory', 'permission_denied', 'permission_error', 'access_denied'],
    code: 'permission',
  },
  { words: ['model_not_found', 'invalid_model', 'deploymentnotfound', 'not_found_error'], code: 'not_found' },
  {
    words: [
      'server_is_overloaded',
      'overloaded',
      'overloaded_error',
      'engine_overloaded_error',
      'provider_overloaded',
      'unavailable',
    ],
    code: 'overloaded',
  },
  { words: ['timeout', 'request_timeout'], code: 'timeout' },
]

/** For errors inside a 200 only, where no status tells a bad request from a failure. */
export const ERROR_ROWS_WITHOUT_STATUS: readonly ErrorRow[] = [
  {
    words: ['invalid_request_error', 'invalid_request', 'unsupported_parameter', 'unsupported_value'],
    code: 'invalid_request',
  },
]
