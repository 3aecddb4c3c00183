import { Refusal } from '../vendor.js'

/** Refuses with `invalid_request`, in the form `where: what`. */
export function refuseMessage(message: string): never {
  throw new Refusal({ error: 'invalid_request', message })
}
