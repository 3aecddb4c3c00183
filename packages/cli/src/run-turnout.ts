import { createRequire } from 'node:module'
import { parseArgs } from 'node:util'
import { newKey } from './new-key.js'
import { serveConfig } from './serve-config.js'
import { EXIT_OK, EXIT_USAGE, type Terminal } from './terminal.js'

const HELP = `Usage:
  turnout serve <config> [--port <port>] [--host <host>]
      Serves the gateway that a YAML or JSON file describes, and follows the file.
  turnout keys new [<id>]
      Makes a key for a client, and prints it with its entry for the file.
  turnout --help | --version

Ends with 0 when it was told to, 1 when it failed, 2 for arguments or a file that are wrong.`

const OPTIONS = {
  port: { type: 'string' },
  host: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/**
 * Runs a command line.
 * @param args without `node` and the name of the program
 * @returns the exit code, when the command has ended: that of `serve` ends when it is stopped
 */
export async function runTurnout(args: readonly string[], terminal: Terminal): Promise<number> {
  const fail = (message: string): number => {
    terminal.complain(`turnout: ${message}`)
    return EXIT_USAGE
  }
  let parsed
  try {
    parsed = parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true })
  } catch (error) {
    const [message = 'the arguments make no sense'] = error instanceof Error ? error.message.split('. ') : []
    return fail(`${message}; see turnout --help`)
  }
  const { values, positionals } = parsed
  const [command, ...rest] = positionals
  if (values.version === true) return print(terminal, versionOf())
  if (values.help === true || command === 'help') return print(terminal, HELP)
  if (command === undefined) return fail('what to do? See turnout --help')

  if (command === 'serve') {
    const [file, ...more] = rest
    if (file === undefined || more.length > 0)
      return fail('serve takes one configuration: turnout serve config.yaml')
    const port = values.port === undefined ? undefined : portIn(values.port)
    if (port === null) return fail(`--port: must be a number from 0 to 65535, not "${values.port}"`)
    return serveConfig(file, { port, host: values.host }, terminal)
  }
  if (values.port !== undefined || values.host !== undefined)
    return fail('--port and --host belong to turnout serve')
  if (command === 'keys' && rest[0] === 'new' && rest.length <= 2) return newKey(rest[1], terminal)
  if (command === 'keys' && rest.length === 0)
    return fail('keys needs to know what to do: turnout keys new [<id>]')
  return fail(`there is no command "${[command, ...rest].join(' ')}"; see turnout --help`)
}

function print(terminal: Terminal, text: string): number {
  terminal.print(text)
  return EXIT_OK
}

function portIn(text: string): number | null {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port <= 65_535 ? port : null
}

const versionOf = (): string => {
  const manifest = createRequire(import.meta.url)('../package.json') as { readonly version: string }
  return manifest.version
}
