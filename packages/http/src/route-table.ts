/** Which endpoint a method and a path mean. */
import type { Endpoint } from './exchange.js'
import type { SurfaceFault } from './surface-fault.js'

export interface Found {
  readonly endpoint: Endpoint
  readonly params: Readonly<Record<string, string>>
}

export interface RouteTable {
  /** What the path stands for, by method; empty for one that is unknown. */
  find(path: string): ReadonlyMap<string, Found>
}

const NOTHING: ReadonlyMap<string, Found> = new Map()
const NO_PARAMS: Readonly<Record<string, string>> = {}

export function createRouteTable(endpoints: readonly Endpoint[]): RouteTable {
  const fixed = new Map<string, Map<string, Found>>()
  const open: { readonly prefix: string; readonly param: string; readonly endpoint: Endpoint }[] = []
  for (const endpoint of endpoints) {
    const colon = endpoint.path.indexOf(':')
    if (colon === -1) {
      const methods = fixed.get(endpoint.path) ?? new Map<string, Found>()
      methods.set(endpoint.method, { endpoint, params: NO_PARAMS })
      fixed.set(endpoint.path, methods)
    } else {
      open.push({ prefix: endpoint.path.slice(0, colon), param: endpoint.path.slice(colon + 1), endpoint })
    }
  }
  return {
    find(path) {
      const known = fixed.get(path)
      if (known) return known
      const methods = new Map<string, Found>()
      for (const { prefix, param, endpoint } of open) {
        if (!path.startsWith(prefix) || path.length === prefix.length) continue
        methods.set(endpoint.method, { endpoint, params: { [param]: decoded(path.slice(prefix.length)) } })
      }
      return methods.size > 0 ? methods : NOTHING
    },
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    const fault: SurfaceFault = {
      fault: true,
      status: 400,
      message: 'the path has a percent sign that begins no character; encode it as %25',
    }
    throw fault
  }
}
