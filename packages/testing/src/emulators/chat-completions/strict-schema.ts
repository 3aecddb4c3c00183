/** OpenAI's rules for a schema with `strict: true`. */
import { isRecord } from '../read-json.js'
import { Refusal } from '../vendor.js'

const REFUSED_WORDS = ['oneOf', 'allOf', 'not', 'if', 'then', 'else', 'patternProperties', 'dependentSchemas']

/**
 * @param subject what the schema belongs to, for the message: `response_format 'answer'`.
 * @throws Refusal naming the place in the schema.
 */
export function checkStrictSchema(schema: unknown, subject: string, param: string): void {
  const refuse = (context: readonly string[], why: string): never => {
    const place = context.map((word) => `'${word}'`).join(', ')
    throw new Refusal({
      error: 'invalid_request',
      message: `Invalid schema for ${subject}: In context=(${place}), ${why}`,
      param,
      code: 'invalid_json_schema',
    })
  }
  if (!isRecord(schema) || schema['type'] !== 'object')
    return refuse([], "schema must have a 'type' of 'object' at its root.")

  const visit = (node: unknown, context: readonly string[]): void => {
    if (!isRecord(node)) return
    const refused = REFUSED_WORDS.find((word) => Object.hasOwn(node, word))
    if (refused) refuse(context, `'${refused}' is not permitted.`)
    const properties = isRecord(node['properties']) ? node['properties'] : undefined
    if (node['type'] === 'object' || properties) {
      if (node['additionalProperties'] !== false)
        refuse(context, "'additionalProperties' is required to be supplied and to be false.")
      const required = Array.isArray(node['required']) ? (node['required'] as readonly unknown[]) : []
      const missing = Object.keys(properties ?? {}).find((name) => !required.includes(name))
      if (missing !== undefined)
        refuse(
          context,
          `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`,
        )
    }
    for (const [name, value] of Object.entries(properties ?? {}))
      visit(value, [...context, 'properties', name])
    for (const word of ['$defs', 'definitions']) {
      if (isRecord(node[word]))
        for (const [name, value] of Object.entries(node[word])) visit(value, [...context, word, name])
    }
    visit(node['items'], [...context, 'items'])
    if (Array.isArray(node['anyOf']))
      node['anyOf'].forEach((value, index) => visit(value, [...context, 'anyOf', String(index)]))
  }
  visit(schema, [])
}
