/** Arguments that Vertex streams in pieces (`streamFunctionCallArguments`): each piece names its place by JSON path. */
import { GatewayError } from '@turnout/core/adapter'
import type { PartialArg } from './wire-types.js'

type Node = Record<string, unknown> | unknown[]

export interface PartialArgs {
  add(piece: PartialArg): void
  /** The arguments as they stand. */
  value(): Record<string, unknown>
}

export function createPartialArgs(): PartialArgs {
  const root = bare()
  return {
    add(piece) {
      const steps = readPath(piece.jsonPath ?? '$')
      const last = steps.pop()
      if (last === undefined) return
      let node: Node = root
      steps.forEach((step, i) => {
        const within = at(node, step)
        const child = isNode(within) ? within : typeof (steps[i + 1] ?? last) === 'number' ? [] : bare()
        put(node, step, child)
        node = child
      })
      const before = at(node, last)
      const value = valueOf(piece)
      // Pieces of one string follow each other.
      put(node, last, typeof before === 'string' && typeof value === 'string' ? before + value : value)
    },
    value: () => root,
  }
}

function valueOf(piece: PartialArg): unknown {
  return piece.stringValue ?? piece.numberValue ?? piece.boolValue ?? null
}

/** `$.a.b[0]['c d']` as keys and indexes. */
function readPath(path: string): (string | number)[] {
  const steps: (string | number)[] = []
  for (const [, dotted, index, quoted] of path.matchAll(/\.([^.[\]]+)|\[(\d{1,9})\]|\[['"]([^'"]*)['"]\]/g)) {
    if (index !== undefined) steps.push(Number(index))
    else steps.push(dotted ?? quoted ?? '')
  }
  return steps
}

function at(node: Node, step: string | number): unknown {
  if (Array.isArray(node)) return typeof step === 'number' ? node[step] : undefined
  return node[step]
}

function put(node: Node, step: string | number, value: unknown): void {
  if (!Array.isArray(node)) node[step] = value
  else if (typeof step === 'number' && step <= node.length) node[step] = value
  else
    throw new GatewayError({
      code: 'bad_response',
      message: 'the provider sent pieces of tool arguments that do not fit together',
    })
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null
}

/** Without a prototype: an argument may be called `__proto__`. */
function bare(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>
}
