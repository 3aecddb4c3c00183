import { isRecord, type JsonObject } from '@turnout/core/adapter'

/**
 * The caller's last word on a body: `provider_options` of this adapter over what it holds. A key named `__proto__`
 * would change the body instead of joining it.
 *
 * @param addsTo fields whose objects are added to, one level deep; all others are replaced
 */
export function mergeOptions(
  body: Record<string, unknown>,
  options: Readonly<Record<string, JsonObject>> | undefined,
  adapter: string,
  addsTo: readonly string[] = [],
): void {
  const own = options && Object.hasOwn(options, adapter) ? options[adapter] : undefined
  if (!own) return
  for (const [field, value] of Object.entries(own)) {
    if (field === '__proto__') continue
    const known = body[field]
    const adds = addsTo.includes(field) && isRecord(known) && isRecord(value)
    body[field] = adds ? { ...known, ...value } : value
  }
}
