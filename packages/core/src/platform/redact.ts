/**
 * Masks what looks like a credential in free text (provider messages, URLs, header dumps). Linear time: every
 * pattern is a literal prefix followed by one bounded character class.
 */
const SECRET_SHAPES: readonly RegExp[] = [
  /\b(?:sk|pk|rk|gsk|xai|tvly|key)-[A-Za-z0-9_*-]{6,256}/g,
  /\bAIza[A-Za-z0-9_*-]{10,64}/g,
  /\bya29\.[A-Za-z0-9_-]{10,512}/g,
  /\beyJ[A-Za-z0-9_-]{10,512}\.[A-Za-z0-9_-]{2,2048}(?:\.[A-Za-z0-9_-]{0,1024})?/g,
  /\b(?:Bearer|Basic) [A-Za-z0-9._~+/=-]{6,2048}/gi,
  /([?&](?:key|api_key|apikey|token|access_token)=)[^&\s"']{1,512}/gi,
]
/** Cheap test that lets ordinary messages through untouched. */
const SUSPECT = /sk-|pk-|rk-|gsk-|xai-|tvly-|key-|AIza|ya29|eyJ|bearer |basic |[?&](?:api_?key|key|token|access_token)=/i

/** `text` with everything that looks like a key or token replaced by `[redacted]`. */
export function redactSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text
  return SECRET_SHAPES.reduce(
    (masked, shape) => masked.replace(shape, (_match, prefix?: unknown) => (typeof prefix === 'string' ? `${prefix}[redacted]` : '[redacted]')),
    text,
  )
}
