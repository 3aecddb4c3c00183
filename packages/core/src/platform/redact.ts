/**
 * Masks what looks like a credential in free text: provider messages, URLs, header dumps. Better a word too many
 * than a key too few. Linear time: every pattern moves on by what it has read and looks ahead a bounded way.
 */
const MASK = '[redacted]'

const VALUE = `[^\\s"'&,;<>{}()[\\]]`
const ASSIGNED = `["']?\\s{0,4}(?:[:=]|%3[ad])\\s{0,4}["']?`
const SCHEME = '(?:bearer|basic)\\s{1,4}'
/** A secret that is announced: `x-api-key: …`, `"api_key": "…"`, `?key=…`, `Bearer …`. Prose goes on after "token:" too. */
const ANNOUNCED = new RegExp(
  `((?:(?:key|token|credential|signature)${ASSIGNED}|\\b${SCHEME})(?=${VALUE}{0,19}[0-9]|${VALUE}{20})` +
    `|(?:secret|passw(?:or)?d|cookie|authorization)${ASSIGNED}(?:${SCHEME})?)${VALUE}{6,}`,
  'gi',
)
/** Keys of the nine providers, of other model hosts and of the clouds, by how they begin. */
const KEY = new RegExp(
  `(?<![A-Za-z0-9])(?:${[
    '(?:sk|pk|rk|csk|tvly)-[\\w*-]{6}', // OpenAI, Anthropic, OpenRouter, DeepSeek, Qwen, TokenMix …
    '(?:xai|pplx|nvapi)-[\\w*-]{12}',
    'AIza[\\w*-]{10}|AQ\\.[\\w*-]{16}|ya29\\.[\\w*-]{6}', // Google: key, newer key, OAuth token
    '(?<!_)(?:sk|pk|rk|gsk|hf|fw|r8|gh[opsu]|pat|tk)_[\\w*-]{10}',
    'eyJ[\\w-]{10}', // a JSON Web Token
    'A[KS]IA[0-9A-Z]{12}',
  ].join('|')})[\\w*.-]*`,
  'g',
)
/** Mistral's keys have no prefix: 32 letters and digits, mixed. */
const BARE_KEY =
  /(?<!\w)(?=[A-Za-z]{0,31}[0-9])(?=[0-9a-z]{0,31}[A-Z])(?=[0-9A-Z]{0,31}[a-z])[0-9A-Za-z]{32}(?!\w)/g
const USER_INFO = /(:\/\/)[^\s/@:"']{0,256}:[^\s/@"']{1,256}@/g
const PRIVATE_KEY = /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,8192}/g

/**
 * `text` with everything that looks like a key, token or password replaced by `[redacted]`.
 *
 * @example redactSecrets('Incorrect API key provided: sk-proj-abc***xyz') // 'Incorrect API key provided: [redacted]'
 */
export function redactSecrets(text: string): string {
  return text
    .replace(PRIVATE_KEY, MASK)
    .replace(USER_INFO, `$1${MASK}@`)
    .replace(ANNOUNCED, `$1${MASK}`)
    .replace(KEY, (key) => (key.endsWith('.') ? `${MASK}.` : MASK))
    .replace(BARE_KEY, MASK)
}
