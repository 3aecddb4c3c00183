import { Refusal } from '../vendor.js'

/** Refuses with `INVALID_ARGUMENT`. */
export function refuseArgument(message: string): never {
  throw new Refusal({ error: 'invalid_request', message })
}

/** Refuses the first name that is not known, as the JSON reader in front of the API does. */
export function refuseUnknownNames(names: readonly string[], known: readonly string[], at: string): void {
  const unknown = names.find((name) => !known.includes(name))
  if (unknown === undefined) return
  refuseArgument(
    `Invalid JSON payload received. Unknown name "${unknown}"${at === '' ? '' : ` at '${at}'`}: Cannot find field.`,
  )
}
