import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { redactSecrets } from './redact.js'

const LETTERS = 'aB3dE5gH7jK9mN1pQrStUvWxYz'
const long = (length: number): string => LETTERS.repeat(Math.ceil(length / LETTERS.length)).slice(0, length)

const KEYS: readonly (readonly [string, string])[] = [
  ['OpenAI, old', `sk-${long(48)}`],
  ['OpenAI, project', `sk-proj-${long(30)}_${long(20)}-${long(40)}`],
  ['OpenAI, service account', `sk-svcacct-${long(60)}`],
  ['OpenAI, as it masks it itself', 'sk-proj-********************abcd'],
  ['Anthropic', `sk-ant-api03-${long(80)}-${long(10)}AA`],
  ['Anthropic, admin', `sk-ant-admin01-${long(80)}`],
  ['Gemini', `AIzaSy${long(33)}`],
  ['Gemini, newer', `AQ.Ab8RN6${long(40)}`],
  ['Google OAuth token', `ya29.a0${long(100)}`],
  ['Mistral', 'Zx9Ab8Cd7Ef6Gh5Ij4Kl3Mn2Op1Qr0St'],
  ['DeepSeek', `sk-${'0123456789abcdef'.repeat(2)}`],
  ['Qwen', `sk-${'fedcba9876543210'.repeat(2)}`],
  ['xAI', `xai-${long(80)}`],
  ['OpenRouter', `sk-or-v1-${'0123456789abcdef'.repeat(4)}`],
  ['TokenMix', `sk-${long(32)}`],
  ['Groq', `gsk_${long(52)}`],
  ['Hugging Face', `hf_${long(34)}`],
  ['Turnout, virtual', `tk_${long(43)}`],
  ['a JSON Web Token', `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0.${long(43)}`],
  ['an AWS key id', 'AKIAIOSFODNN7EXAMPLE'],
]

describe('redactSecrets', () => {
  describe.each(KEYS)('a key of %s', (_name, key) => {
    it.each<[string, (key: string) => string]>([
      ['bare', (k) => k],
      ['in a sentence', (k) => `Incorrect API key provided: ${k}. You can find yours online.`],
      ['in quotes', (k) => `{"error":{"message":"bad key \\"${k}\\""}}`],
      ['as a bearer token', (k) => `Authorization: Bearer ${k}\nAccept: */*`],
      ['as a header', (k) => `x-api-key: ${k}`],
      ['in a query', (k) => `https://host/v1/models?alt=sse&key=${k}&x=1`],
      ['in a path', (k) => `GET /keys/${k}/usage`],
      ['as a field of an object', (k) => `{ apiKey: '${k}' }`],
    ])('is masked %s', (_where, wrap) => {
      const masked = redactSecrets(wrap(key))
      expect(masked).toContain('[redacted]')
      const pieces = Array.from({ length: key.length - 7 }, (_, at) => key.slice(at, at + 8))
      const leaked = pieces.filter((piece) => /[a-z0-9]{4}/i.test(piece) && masked.includes(piece))
      expect(leaked).toEqual([])
    })
  })

  it.each([
    ['https://me:hunter2@proxy.local:8080/x', 'https://[redacted]@proxy.local:8080/x'],
    ['api_key=abc123def&user=me', 'api_key=[redacted]&user=me'],
    ['?access_token=abc123def', '?access_token=[redacted]'],
    ['"password": "swordfish"', '"password": "[redacted]"'],
    ['client_secret=correcthorse', 'client_secret=[redacted]'],
    ['authorization: Basic dXNlcjpwYXNzd29yZA==', 'authorization: Basic [redacted]'],
    ['set-cookie: session=12345; Path=/', 'set-cookie: [redacted]; Path=/'],
    [
      '-----BEGIN RSA PRIVATE KEY-----\nMIIEow\n-----END RSA PRIVATE KEY-----',
      '[redacted]-----END RSA PRIVATE KEY-----',
    ],
    ['use sk-abcdefgh1, or sk-abcdefgh2.', 'use [redacted], or [redacted].'],
  ])('masks %j', (text, expected) => {
    expect(redactSecrets(text)).toBe(expected)
  })

  it.each([
    'messages[2].content: must be a string, but is a number',
    'openai (gpt-4.1) answered 400: max_tokens: 4096 is larger than the limit of key: none',
    'Unexpected token: it is not valid JSON',
    'This is a basic functionality; bearer credentials are missing',
    'the task-force found a risk-free disk-based desk-top; ask_someone_about_this_thing',
    'chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT req_011CQabcdefghijklmnop 0af7651916cd43dd8448eb211c80319c',
    'call_abcdefghijklmnopqrstuvwx toolu_01ABCDEFGHIJKLMNOPQRSTUV resp_0123456789abcdef0123456789abcdef',
    'anthropic/claude-sonnet-4-5-20250929, gemini-2.5-pro-preview-05-06, pplx-70b-online, xai-grok-4',
    'https://api.openai.com/v1/chat/completions at 12:30:59@noon',
    '',
  ])('leaves %j alone', (text) => {
    expect(redactSecrets(text)).toBe(text)
  })

  it('masks a key wherever it stands in a text, twice as well as once', () => {
    const key = fc.constantFrom(...KEYS.map(([, value]) => value))
    const prose = fc.string().map((text) => text.replaceAll(/[\w*.-]/g, ' '))
    fc.assert(
      fc.property(prose, key, prose, (before, secret, after) => {
        const once = redactSecrets(`${before} ${secret} ${after}`)
        expect(once).not.toContain(secret)
        expect(redactSecrets(once)).toBe(once)
      }),
    )
  })
})
