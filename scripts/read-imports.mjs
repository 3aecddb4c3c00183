// Reads what a TypeScript file imports, with the parser that vite brings along: docstrings full of
// example imports and strings that look like code cost a regex scanner more than it saves.
import { parseSync } from 'vite'

const typeStatements = new Set(['TSInterfaceDeclaration', 'TSTypeAliasDeclaration'])

/**
 * @param {string} fileName only its ending matters
 * @param {string} source
 * @returns {{ imports: { specifier: string, typeOnly: boolean, line: number }[], runtimeLine: number | undefined }}
 *   `runtimeLine` is the first line with a statement that is no type and no import, if there is one
 */
export function readImports(fileName, source) {
  const { program, module, errors } = parseSync(fileName, source)
  if (errors.length > 0) throw new Error(`${fileName} does not parse: ${errors[0].message}`)
  const lineOf = (offset) => source.slice(0, offset).split('\n').length
  const imports = []
  const add = (specifier, typeOnly, offset) => imports.push({ specifier, typeOnly, line: lineOf(offset) })

  for (const statement of program.body) {
    if (!statement.source) continue
    const kind = statement.importKind ?? statement.exportKind
    const names = statement.specifiers ?? []
    const eachIsType =
      names.length > 0 && names.every((name) => (name.importKind ?? name.exportKind) === 'type')
    add(statement.source.value, kind === 'type' || eachIsType, statement.start)
  }
  for (const { start, moduleRequest } of module.dynamicImports) {
    const literal = source.slice(moduleRequest.start, moduleRequest.end).match(/^(['"`])([^$]*)\1$/)
    if (literal) add(literal[2], false, start)
  }
  for (const node of importTypes(program)) add(node.source.value, true, node.start)

  const runtime = program.body.find((statement) => !isTypeStatement(statement))
  return { imports, runtimeLine: runtime && lineOf(runtime.start) }
}

function isTypeStatement(statement) {
  if (statement.type === 'ImportDeclaration') return true
  if (typeStatements.has(statement.type) || statement.declare) return true
  if (statement.type === 'ExportAllDeclaration') return statement.exportKind === 'type'
  if (statement.type !== 'ExportNamedDeclaration') return false
  if (statement.declaration) return isTypeStatement(statement.declaration)
  return statement.exportKind === 'type' || statement.specifiers.every((name) => name.exportKind === 'type')
}

/** `import('./x.js').Name` in type position. */
function* importTypes(node) {
  if (Array.isArray(node)) for (const item of node) yield* importTypes(item)
  else if (node && typeof node === 'object') {
    if (node.type === 'TSImportType') yield node
    for (const value of Object.values(node)) yield* importTypes(value)
  }
}
