/** What stands under `server`: not the gateway's, but of the program that serves it. */
import { isGatewayError } from '@turnout/core'
import { DocumentFault, type DocumentNode } from './document-node.js'
import type { GatewayConfig, ReadOptions } from './gateway-config.js'
import { locatePath } from './locate-path.js'

const sections = new WeakMap<GatewayConfig, unknown>()

/** @throws DocumentFault */
export function checkServerSection(
  section: unknown,
  { checkServer }: ReadOptions,
  root: DocumentNode,
  text: string,
): void {
  try {
    checkServer?.(section)
  } catch (error) {
    if (!isGatewayError(error, 'invalid_request')) throw error
    const { path = 'server', message } = error
    const said = message.startsWith(`${path}: `) ? message.slice(path.length + 2) : message
    const kind = said.startsWith('is no option') ? 'key' : 'value'
    throw new DocumentFault(locatePath(root, path, text, kind), path, said, error)
  }
}

export function keepServerSection(config: GatewayConfig, section: unknown): void {
  sections.set(config, section)
}

/**
 * What a document has under `server`: host, port, keys; `undefined` where it has nothing. The gateway knows nothing of it.
 * @example
 * const { port } = serverOf(source.current()) as { port: number }
 */
export const serverOf = (config: GatewayConfig): unknown => sections.get(config)
