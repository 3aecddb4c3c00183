/** Error answers in Google's documented shapes, made by hand. */
import type { ErrorFixture, Fixture } from '@turnout/testing'

export const errorBody = (
  code: number,
  status: string,
  message: string,
  details?: readonly object[],
): string => JSON.stringify({ error: { code, message, status, ...(details && { details }) } }, undefined, 2)
const quota = (quotaId: string, quotaValue: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: 'generativelanguage.googleapis.com/invented', quotaId, quotaValue }],
})
export const retryInfo = (retryDelay: string): object => ({
  '@type': 'type.googleapis.com/google.rpc.RetryInfo',
  retryDelay,
})

const fixture = (name: string, status: number, body: string, expect: ErrorFixture['expect']): Fixture => ({
  name,
  kind: 'error',
  status,
  body,
  expect: { status, ...expect },
})
const KEY = [
  {
    '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
    reason: 'API_KEY_INVALID',
    domain: 'googleapis.com',
  },
]
export const errorFixtures: readonly Fixture[] = [
  fixture(
    '400 key',
    400,
    errorBody(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', KEY),
    { code: 'authentication', retryable: false },
  ),
  fixture(
    '400 key, words only',
    400,
    errorBody(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.'),
    { code: 'authentication', retryable: false },
  ),
  fixture(
    '400 field',
    400,
    errorBody(400, 'INVALID_ARGUMENT', 'Invalid JSON payload received. Unknown name "foo".'),
    { code: 'invalid_request', retryable: false },
  ),
  fixture(
    '400 context',
    400,
    errorBody(
      400,
      'INVALID_ARGUMENT',
      'The input token count (1196265) exceeds the maximum number of tokens allowed (1048576).',
    ),
    { code: 'context_length', retryable: false },
  ),
  fixture(
    '400 policy',
    400,
    errorBody(400, 'INVALID_ARGUMENT', 'The request was blocked because of our safety policy.'),
    { code: 'content_filtered', retryable: false },
  ),
  fixture(
    '400 location',
    400,
    errorBody(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
    { code: 'permission', retryable: false },
  ),
  fixture('401', 401, errorBody(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.'), {
    code: 'authentication',
    retryable: false,
  }),
  fixture(
    '403',
    403,
    errorBody(403, 'PERMISSION_DENIED', 'Generative Language API has not been used in project 1 before.', [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'SERVICE_DISABLED' },
    ]),
    { code: 'permission', retryable: false },
  ),
  fixture('404', 404, errorBody(404, 'NOT_FOUND', 'models/gemini-0 is not found for API version v1beta.'), {
    code: 'not_found',
    retryable: false,
  }),
  fixture('404 page', 404, '<!DOCTYPE html><html><title>Error 404 (Not Found)!!1</title></html>', {
    code: 'not_found',
    retryable: false,
  }),
  fixture(
    '429 per minute',
    429,
    errorBody(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.\nPlease retry in 34.386812s.', [
      quota('GenerateRequestsPerMinutePerProjectPerModel-FreeTier', '10'),
      retryInfo('34.4s'),
    ]),
    { code: 'rate_limited', retryable: true, retryAfterMs: 34_400 },
  ),
  fixture(
    '429, delay in the words',
    429,
    errorBody(429, 'RESOURCE_EXHAUSTED', 'Resource exhausted. Please retry in 1.0015s.'),
    { code: 'rate_limited', retryable: true, retryAfterMs: 1_002 },
  ),
  fixture(
    '429 per day',
    429,
    errorBody(429, 'RESOURCE_EXHAUSTED', 'You exceeded your current quota.', [
      quota('GenerateRequestsPerDayPerProjectPerModel-FreeTier', '250'),
      retryInfo('40s'),
    ]),
    { code: 'quota_exhausted', retryable: false },
  ),
  fixture(
    '429 without allowance',
    429,
    errorBody(
      429,
      'RESOURCE_EXHAUSTED',
      'Quota exceeded for metric: invented_requests, limit: 0, model: gemini-2.5-pro',
    ),
    { code: 'quota_exhausted', retryable: false },
  ),
  fixture(
    '429 zero value',
    429,
    errorBody(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.', [
      quota('GenerateRequestsPerMinutePerProjectPerModel', '0'),
    ]),
    { code: 'quota_exhausted', retryable: false },
  ),
  fixture(
    '429 plain',
    429,
    errorBody(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'),
    { code: 'rate_limited', retryable: true },
  ),
  fixture('499', 499, errorBody(499, 'CANCELLED', 'The operation was cancelled.'), {
    code: 'upstream_error',
    retryable: false,
  }),
  fixture('500', 500, errorBody(500, 'INTERNAL', 'An internal error has occurred.'), {
    code: 'upstream_error',
    retryable: true,
  }),
  fixture('503', 503, errorBody(503, 'UNAVAILABLE', 'The model is overloaded.'), {
    code: 'overloaded',
    retryable: true,
  }),
  fixture('503 in an array', 503, `[${errorBody(503, 'UNAVAILABLE', 'The model is overloaded.')}]`, {
    code: 'overloaded',
    retryable: true,
  }),
  fixture('504', 504, errorBody(504, 'DEADLINE_EXCEEDED', 'The request timed out.'), {
    code: 'timeout',
    retryable: true,
  }),
  fixture('502 page', 502, '<html>Bad Gateway</html>', { code: 'upstream_error', retryable: true }),
]
