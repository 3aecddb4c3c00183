/**
 * The parts of undici that the built-in transport is made of. They are imported one by one because undici's index
 * takes over the global dispatcher, and with it the host's own `fetch`; it also loads three times as much.
 */
declare module 'undici/lib/dispatcher/client.js' {
  import { Client } from 'undici'
  export default Client
}
declare module 'undici/lib/dispatcher/env-http-proxy-agent.js' {
  import { EnvHttpProxyAgent } from 'undici'
  export default EnvHttpProxyAgent
}
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici'
  export default Pool
}
declare module 'undici/lib/api/api-connect.js' {
  import type { Dispatcher } from 'undici'
  /** undici's index puts it on every dispatcher. */
  const connect: Dispatcher['connect']
  export default connect
}
declare module 'undici/lib/core/connect.js' {
  import { buildConnector } from 'undici'
  export default buildConnector
}
