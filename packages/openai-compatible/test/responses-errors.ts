/** Streams that end badly and answers with an error status, made by hand for these tests. */
import type { ErrorCode } from '@turnout/core/adapter'
import type { ErrorFixture, ExpectedError, StreamFixture } from '@turnout/testing'
import { message } from './responses-answers.js'
import { eventsOf, sse, type Json } from './responses-events.js'

const tooLarge =
  'Request too large for gpt-5 in organization org-1 on tokens per min (TPM): Limit 30000, Requested 45123. ' +
  'The input or output tokens must be reduced.'
const limited =
  'Rate limit reached for gpt-5 in organization org-1 on tokens per min (TPM): Limit 30000, Used 29500, ' +
  'Requested 1200. Please try again in 1.4s.'

const answer = {
  id: 'resp_bad',
  model: 'gpt-5',
  usage: [1, 1, 0, 0],
  output: [message('msg_1', 'So far so')],
} as const
/** Up to the text, without its end. */
const beginning = eventsOf(answer).slice(0, 6)
const start = beginning.slice(0, 2)

const failed = (code: string, text: string): Json => ({
  type: 'response.failed',
  response: { id: 'resp_bad', status: 'failed', error: { code, message: text }, output: [], usage: null },
})
const nested = (code: string, text: string, type = code): Json => ({
  type: 'error',
  error: { type, code, message: text, param: null },
})

function stream(
  name: string,
  body: string,
  code: ErrorCode,
  retryable: boolean,
  facts: Pick<ExpectedError, 'retryAfterMs'> = {},
): StreamFixture {
  return { name, kind: 'stream', body, expect: { error: { code, retryable, ...facts } } }
}

/** HTTP status 200 all of them. */
export const badStreams: readonly StreamFixture[] = [
  stream('cut off', sse(beginning), 'stream_interrupted', true),
  stream('nested error event', sse([...beginning, nested('server_error', 'Later')]), 'upstream_error', true),
  stream(
    'flat error event',
    sse([...beginning, { type: 'error', code: 'server_is_overloaded', message: 'Busy', param: null }]),
    'overloaded',
    true,
  ),
  stream('failed response alone', sse([...beginning, failed('server_error', 'Oh')]), 'upstream_error', true),
  stream(
    'rate limit before anything else',
    sse([...start, nested('rate_limit_exceeded', limited, 'tokens'), failed('rate_limit_exceeded', limited)]),
    'rate_limited',
    true,
    { retryAfterMs: 1_400 },
  ),
  stream(
    'one request beyond the whole limit',
    sse([
      ...start,
      nested('rate_limit_exceeded', tooLarge, 'tokens'),
      failed('rate_limit_exceeded', tooLarge),
    ]),
    'rate_limited',
    false,
  ),
  stream('policy', sse([...beginning, failed('bio_policy', 'Refused')]), 'content_filtered', false),
  stream('bad image', sse([failed('failed_to_download_image', 'No such image')]), 'invalid_request', false),
  stream(
    'plain error without a type',
    'data: {"error":{"message":"upstream gone","type":"server_error"}}\n\n',
    'upstream_error',
    true,
  ),
]

type Extra = Pick<ErrorFixture, 'headers'> & Pick<ExpectedError, 'retryAfterMs'>

function reply(
  name: string,
  status: number,
  body: unknown,
  code: ErrorCode,
  retryable: boolean,
  { headers, ...facts }: Extra = {},
): ErrorFixture {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return { name, kind: 'error', status, headers, body: text, expect: { code, retryable, ...facts } }
}

/** OpenAI's form of an error. */
const openai = (
  code: string | null,
  text = 'No',
  type: string | null = 'invalid_request_error',
  param: string | null = null,
): Json => ({
  error: { message: text, type, param, code },
})

export const errorAnswers: readonly ErrorFixture[] = [
  reply('wrong key', 401, openai('invalid_api_key', 'Incorrect API key'), 'authentication', false),
  reply('region', 403, openai('unsupported_country_region_territory'), 'permission', false),
  reply(
    'unknown model',
    400,
    openai('model_not_found', "The model 'gpt-9' does not exist."),
    'not_found',
    false,
  ),
  reply('context by code', 400, openai('context_length_exceeded', 'Too much'), 'context_length', false),
  reply(
    'context by text',
    400,
    openai(null, 'Your input exceeds the context window of this model.'),
    'context_length',
    false,
  ),
  reply('unsupported parameter', 400, openai('unsupported_parameter'), 'invalid_request', false),
  reply('flagged prompt', 400, openai('invalid_prompt', 'Flagged'), 'content_filtered', false),
  reply("Azure's filter", 400, openai('content_filter', 'Filtered', null), 'content_filtered', false),
  reply('lost encrypted reasoning', 400, openai('invalid_encrypted_content'), 'invalid_request', false),
  reply('limit with a header', 429, openai('rate_limit_exceeded', limited, 'tokens'), 'rate_limited', true, {
    headers: { 'retry-after': '7' },
    retryAfterMs: 7_000,
  }),
  reply(
    'limit with a hint in its text',
    429,
    openai('rate_limit_exceeded', limited, 'tokens'),
    'rate_limited',
    true,
    {
      retryAfterMs: 1_400,
    },
  ),
  reply(
    'beyond the whole limit',
    429,
    openai('rate_limit_exceeded', tooLarge, 'tokens'),
    'rate_limited',
    false,
  ),
  reply(
    'no credit',
    429,
    openai('insufficient_quota', 'Check your plan', 'insufficient_quota'),
    'quota_exhausted',
    false,
  ),
  reply('slow down, 429', 429, openai('slow_down'), 'rate_limited', true),
  reply('slow down, 503', 503, openai('slow_down'), 'overloaded', true),
  reply('server error', 500, openai(null, 'Oops', 'server_error'), 'upstream_error', true),
  reply('not to be retried', 500, openai(null, 'Oops', 'server_error'), 'upstream_error', false, {
    headers: { 'x-should-retry': 'false' },
  }),
  reply(
    "xAI's wrong key",
    400,
    { code: 'invalid argument', error: 'Incorrect API key provided: ab***yz.' },
    'authentication',
    false,
  ),
  reply('a page of HTML', 502, '<html><body>Bad gateway</body></html>', 'upstream_error', true),
  reply('text', 503, 'upstream connect error', 'overloaded', true),
  reply('nothing', 504, '', 'timeout', true),
  reply('null', 400, 'null', 'invalid_request', false),
  reply('a list', 400, [openai('model_not_found')], 'not_found', false),
]
