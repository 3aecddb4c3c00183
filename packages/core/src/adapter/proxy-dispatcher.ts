import type { Dispatcher } from 'undici'
import { GatewayError } from '../errors/gateway-error.js'

/** Bounds a connection that the engine has given up already and that only undici's agents can reach. */
const CONNECT_TIMEOUT_MS = 30_000

/**
 * What sends through the proxy that the environment names (`HTTPS_PROXY`, `HTTP_PROXY`, `NO_PROXY`, also in lower
 * case); `undefined` when none is named for the origin's scheme. Read when the adapter is first used.
 */
export async function createProxyDispatcher(
  origin: string,
  maxHeaderBytes: number,
): Promise<{ readonly dispatcher: Dispatcher; readonly host: string } | undefined> {
  const variable = proxyVariable(origin)
  if (variable === undefined) return undefined
  const [name, value] = variable
  const proxy = URL.canParse(value) ? new URL(value) : undefined
  if (!proxy) {
    throw new GatewayError({
      code: 'invalid_request',
      message: `the environment variable ${name} is not a URL; write it like http://proxy.example:3128`,
      path: name,
    })
  }
  const [{ default: EnvHttpProxyAgent }, { default: Pool }, { default: connect }] = await Promise.all([
    import('undici/lib/dispatcher/env-http-proxy-agent.js'),
    import('undici/lib/dispatcher/pool.js'),
    import('undici/lib/api/api-connect.js'),
  ])
  const timeout = CONNECT_TIMEOUT_MS
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout },
    maxHeaderSize: maxHeaderBytes,
    proxyTls: { timeout },
    requestTls: { timeout },
    clientFactory: (url, options) => Object.assign(new Pool(url, options), { connect }),
  })
  // Never `href`: it may hold the credentials.
  return { dispatcher, host: proxy.host }
}

/** In undici's order; https falls back on the http proxy. */
function proxyVariable(origin: string): readonly [name: string, value: string] | undefined {
  const names = ['http_proxy', 'HTTP_PROXY']
  if (origin.startsWith('https:')) names.unshift('https_proxy', 'HTTPS_PROXY')
  for (const name of names) {
    const value = process.env[name]
    if (value) return [name, value]
  }
  return undefined
}
