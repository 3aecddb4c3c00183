import { createGateway, isGatewayError, type Gateway } from '@turnout/core'
import { followConfig, serverOf, watchConfig, type ConfigSource, type GatewayConfig } from '@turnout/config'
import { createKeys, serve, type Keys, type Serving } from '@turnout/http'
import { adapters } from './adapters.js'
import { readServerSection, type ServerSection } from './server-section.js'
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE, type Terminal } from './terminal.js'

export interface ServeFlags {
  readonly port: number | undefined
  readonly host: string | undefined
}

const DEFAULT_PORT = 8080
const DEFAULT_DRAIN_MS = 10_000
/** The gateway tells its clients that it closes; the server hangs up on those who do not hear it. */
const HANG_UP_AFTER_MS = 500

/** Serves until it is told to stop. @returns the exit code */
export async function serveConfig(file: string, flags: ServeFlags, terminal: Terminal): Promise<number> {
  const say = (message: string): void => terminal.print(`turnout: ${message}`)
  const complain = (message: string): void => terminal.complain(`turnout: ${message}`)
  let source: ConfigSource
  try {
    source = await watchConfig(
      file,
      {
        adapters,
        env: terminal.env,
        checkServer: (section) => {
          readServerSection(section)
        },
      },
      { onError: ({ message }) => complain(`${message}; the configuration stays as it was`) },
    )
  } catch (error) {
    return failed(error, complain)
  }
  const gateway: Gateway = createGateway(source.current())
  try {
    return await run(source, gateway, flags, { ...terminal, print: say, complain })
  } catch (error) {
    return failed(error, complain)
  } finally {
    await source.close()
    await gateway.close({ drainMs: 0 })
  }
}

async function run(
  source: ConfigSource,
  gateway: Gateway,
  flags: ServeFlags,
  { print, complain, onStop }: Terminal,
): Promise<number> {
  const section = sectionOf(source.current())
  const { drainMs = DEFAULT_DRAIN_MS, keys: listed, port = DEFAULT_PORT, host, ...options } = section
  const keys = listed && createKeys(listed)
  // Listened for first: a server that is told to stop while it starts does.
  const stopped = new Promise<string>((resolve) => {
    onStop(resolve)
  })
  const chosenHost = flags.host ?? host
  const server = await serve(gateway, {
    ...options,
    port: flags.port ?? port,
    ...(chosenHost !== undefined && { host: chosenHost }),
    ...(keys && { keys }),
    logger: {
      warn: (_facts, message) => complain(message),
      error: (_facts, message) => complain(message),
    },
  })
  followConfig(gateway, source, {
    onReload: (config) => {
      followKeys(keys, config, complain)
      print('the configuration has been read again')
      const fixed = changedAtStart(section, sectionOf(config))
      if (fixed.length > 0) complain(`${fixed.join(', ')}: holds only from a new start of the server on`)
    },
    onError: ({ message }) => complain(message),
  })
  print(`serving ${server.url} (${describe(source.current(), keys)})`)
  const signal = await stopped
  print(`stopping (${signal})`)
  await stop(server, gateway, drainMs, onStop)
  print('stopped')
  return EXIT_OK
}

/** Running requests may end; a second signal ends them. */
async function stop(
  server: Serving,
  gateway: Gateway,
  drainMs: number,
  onStop: Terminal['onStop'],
): Promise<void> {
  const hurried = new Promise<void>((resolve) => {
    onStop(() => resolve())
  })
  const drained = Promise.all([
    server.close({ drainMs: drainMs + HANG_UP_AFTER_MS }),
    gateway.close({ drainMs }),
  ])
  await Promise.race([drained, hurried])
}

/** Keys that a new version no longer lists are refused from then on. Whether any are needed is settled at the start. */
function followKeys(
  keys: Keys | undefined,
  config: GatewayConfig,
  complain: (message: string) => void,
): void {
  const { keys: listed } = sectionOf(config)
  if (keys) keys.replace(listed ?? [])
  else if (listed) complain('the configuration has keys now: start the server anew to have them asked for')
}

/** What a running server does not take over, as `server.port`. */
function changedAtStart(before: ServerSection, after: ServerSection): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)] as (keyof ServerSection)[])
  return [...names]
    .filter((name) => name !== 'keys' && JSON.stringify(before[name]) !== JSON.stringify(after[name]))
    .map((name) => `server.${name}`)
}

const sectionOf = (config: GatewayConfig): ServerSection => readServerSection(serverOf(config))

function describe(config: GatewayConfig, keys: Keys | undefined): string {
  const count = (things: object, word: string): string => {
    const { length } = Object.keys(things)
    return `${length} ${word}${length === 1 ? '' : 's'}`
  }
  return `${count(config.providers, 'provider')}, ${count(config.routes, 'route')}, ${keys ? 'with keys' : 'without keys'}`
}

function failed(error: unknown, complain: (message: string) => void): number {
  if (isGatewayError(error, 'invalid_request')) {
    complain(error.message)
    return EXIT_USAGE
  }
  complain(error instanceof Error ? error.message : String(error))
  return EXIT_FAILURE
}
