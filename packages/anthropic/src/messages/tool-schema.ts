import { isRecord, type JsonSchema, type ProtocolContext } from '@turnout/core/adapter'
import { refuse } from './encode-content.js'
import { mergeAll, mergeAny, recordsOf } from './json-schema.js'

const NO_ARGUMENTS = { type: 'object', properties: {} }

/** A tool's schema as the API wants it: an object at the root, without a choice of objects there. */
export function toolInputSchema(
  schema: JsonSchema | undefined,
  path: string,
  context: ProtocolContext,
): JsonSchema {
  if (schema === undefined || schema === null) return NO_ARGUMENTS
  if (!isRecord(schema)) throw refuse(context, path, 'give a JSON Schema object')
  if (schema['type'] === 'object' && !schema['anyOf'] && !schema['oneOf'] && !schema['allOf']) return schema
  const { $ref, anyOf, oneOf, allOf, ...rest } = schema
  const root = mergeAll([rest, ...recordsOf([{ $ref }], schema), ...recordsOf(allOf, schema)])
  const options = recordsOf(anyOf ?? oneOf, schema)
  if (options.length > 0) {
    context.warn({
      code: 'content_changed',
      path,
      message: `${path}: Anthropic takes no choice of schemas at the root; its properties were put together`,
      provider: context.provider,
    })
  }
  const { type } = root
  if (type !== undefined && type !== 'object') {
    throw refuse(
      context,
      path,
      `the root must be of type "object", not ${JSON.stringify(type)}. Wrap it in a property`,
    )
  }
  return { ...(options.length > 0 ? mergeAny(root, options) : root), type: 'object' }
}
