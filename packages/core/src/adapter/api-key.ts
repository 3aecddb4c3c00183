import { GatewayError, isGatewayError } from '../errors/gateway-error.js'
import type { ApiKey } from './adapter-options.js'

/**
 * The key of one attempt; a promise only when the host's function gives one. `undefined`: the server needs none.
 * @param name which of several, as `keyNames` has it
 */
export type KeySource = (provider: string, name?: string) => string | undefined | Promise<string>

/**
 * @param variable environment variable, read at first use; `null` when no key is needed
 * @throws GatewayError `authentication` from the source: no key, or one that cannot stand in a header
 */
export function createKeySource(variable: string | null, apiKey: ApiKey | undefined): KeySource {
  if (typeof apiKey === 'function') return (provider) => askForKey(apiKey, provider)
  let checked: string | undefined
  return (provider) => {
    if (checked !== undefined) return checked
    const given = typeof apiKey === 'string' ? apiKey : apiKey?.[0]
    const key = given ?? (variable === null ? undefined : process.env[variable])
    if (!key && variable === null && given === undefined) return undefined
    if (!key) throw missingKey(provider, variable)
    checked = checkKey(key, provider)
    return checked
  }
}

/** Keys in a list are told apart by their places, so that no part of a key is ever told. */
export const keyNames = (keys: readonly string[]): readonly string[] => keys.map((_, i) => `key-${i + 1}`)

/**
 * Of several keys the one that is named.
 * @param unnamed for calls outside a gateway, which name none
 */
export function createKeyListSource(keys: readonly string[], unnamed: () => string): KeySource {
  const byName = new Map(keyNames(keys).map((name, i) => [name, keys[i]]))
  return (provider, name) => {
    const key = name === undefined ? unnamed() : byName.get(name)
    if (!key) throw missingKey(provider, null)
    return checkKey(key, provider)
  }
}

function askForKey(ask: () => string | Promise<string>, provider: string): string | Promise<string> {
  const failed = (cause: unknown): never => {
    if (isGatewayError(cause)) throw cause
    throw authenticationError(provider, `the apiKey function of ${provider} failed`, cause)
  }
  try {
    const key = ask()
    return typeof key === 'string'
      ? checkKey(key, provider)
      : Promise.resolve(key)
          .catch(failed)
          .then((late) => checkKey(late, provider))
  } catch (error) {
    return failed(error)
  }
}

/** Never quotes the key. */
function checkKey(key: unknown, provider: string): string {
  if (typeof key !== 'string' || key === '')
    throw authenticationError(provider, `the apiKey function of ${provider} gave no key`)
  if (/[\r\n]/.test(key))
    throw authenticationError(provider, `the key of ${provider} contains a line break: trim it`)
  if (!/^[\x21-\x7e]+$/.test(key)) {
    throw authenticationError(
      provider,
      `the key of ${provider} contains characters that cannot stand in a header`,
    )
  }
  return key
}

function missingKey(provider: string, variable: string | null): GatewayError {
  const where = variable === null ? '' : `set ${variable} or `
  return authenticationError(provider, `no API key for ${provider}: ${where}pass { apiKey } to the adapter`)
}

function authenticationError(provider: string, message: string, cause?: unknown): GatewayError {
  return new GatewayError({ code: 'authentication', message, path: 'apiKey', provider, cause })
}
