import { GatewayError } from '@turnout/core'
import { buildProviders, type MadeAdapters } from './build-providers.js'
import { checkWithCore } from './check-with-core.js'
import { placedError, sourceError } from './config-error.js'
import { DocumentFault, MAX_BYTES, valueOf } from './document-node.js'
import { checkDocument } from './document-schema.js'
import type { ConfigFormat, GatewayConfig, ParseOptions, ReadOptions } from './gateway-config.js'
import { parseJson } from './parse-json.js'
import { checkServerSection, keepServerSection } from './server-section.js'

/**
 * Reads a document into what `createGateway` and `gateway.reload` take, checked as they would check it.
 *
 * @throws GatewayError `invalid_request` for the first thing that is wrong, as `source:line:column: path: what to do`;
 *   {@link placeOf} gives the place as data
 * @example
 * const config = await parseConfig(text, { adapters: { openai } })
 * const gateway = createGateway(config)
 */
export async function parseConfig(text: string, options: ParseOptions): Promise<GatewayConfig> {
  const reader = createReader(options)
  const { format = 'yaml', source = 'config' } = options
  return reader.read(text, format, source)
}

/** Reads one version of a document after the other: adapters that stay the same are the same objects. */
export interface ConfigReader {
  read(text: string, format: ConfigFormat, source: string): Promise<GatewayConfig>
}

export function createReader(options: ReadOptions): ConfigReader {
  checkOptions(options)
  let made: MadeAdapters = new Map()
  let hadQueue = false

  return {
    async read(given, format, source) {
      if (format !== 'yaml' && format !== 'json') throw invalid('format', 'must be "yaml" or "json"')
      const text = checkText(given, source)
      try {
        checkCharacters(text)
        // Who writes JSON does not load a YAML parser.
        const root =
          format === 'json' ? parseJson(text) : await (await import('./parse-yaml.js')).parseYaml(text)
        const document = checkDocument(valueOf(root), root, text)
        const built = await buildProviders(document, root, text, options, made)
        const { routes, defaults, catalog, budgets, limits, queue } =
          document as object as Partial<GatewayConfig>
        // Every part is there: for `reload`, one that is not stays as it was.
        const config: GatewayConfig = Object.freeze({
          providers: built.providers,
          routes: routes === undefined ? {} : routes,
          defaults: defaults === undefined ? {} : defaults,
          catalog: catalog === undefined ? {} : catalog,
          budgets: budgets === undefined ? {} : budgets,
          limits: limits === undefined ? {} : limits,
          ...((queue !== undefined || hadQueue) && { queue: queue === undefined ? {} : queue }),
        })
        await checkWithCore(config, root, text)
        checkServerSection(document.server, options, root, text)
        keepServerSection(config, document.server)
        ;({ made } = built)
        hadQueue ||= queue !== undefined
        return config
      } catch (error) {
        if (error instanceof DocumentFault) throw placedError(error, text, source)
        throw error
      }
    },
  }
}

function checkText(text: unknown, source: string): string {
  if (typeof text !== 'string') throw sourceError(source, 'must be a text')
  if (Buffer.byteLength(text) > MAX_BYTES) throw tooLong(source)
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

export const tooLong = (source: string): GatewayError =>
  sourceError(source, `is longer than ${MAX_BYTES} bytes, which a configuration may have`)

// oxlint-disable-next-line no-control-regex -- it is these that are looked for
const CONTROL = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/

function checkCharacters(text: string): void {
  const offset = CONTROL.exec(text)?.index
  if (offset !== undefined) throw new DocumentFault(offset, '', 'a control character stands here; remove it')
  if (!text.isWellFormed())
    throw new DocumentFault(0, '', 'holds half of a surrogate pair; write it as UTF-8')
}

const invalid = (path: string, message: string): GatewayError =>
  new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}` })

function checkOptions(options: ReadOptions | undefined): void {
  const { adapters, resolveSecret, env, checkServer } = options ?? ({} as Partial<ReadOptions>)
  if (typeof adapters !== 'object' || adapters === null)
    throw invalid('adapters', 'must be the factories that documents may name, as in { openai, anthropic }')
  for (const [name, factory] of Object.entries(adapters)) {
    if (typeof factory !== 'function')
      throw invalid(`adapters.${name}`, 'must be a factory; give the function itself, as in { openai }')
  }
  if (resolveSecret !== undefined && typeof resolveSecret !== 'function')
    throw invalid('resolveSecret', 'must be a function from a name to a secret')
  if (env !== undefined && (typeof env !== 'object' || env === null))
    throw invalid('env', 'must be an object of variables, like process.env')
  if (checkServer !== undefined && typeof checkServer !== 'function')
    throw invalid('checkServer', 'must be a function of what stands under server')
}
