import { changeSetting, isRecord } from '@turnout/core/adapter'
import type { JsonSchema, ProtocolContext } from '@turnout/core/adapter'
import { strictSchema } from '../json-schema.js'

/** A schema with `strict` as it is sent: strict only when asked for, and when the schema has a strict form. */
export function withStrictness(
  schema: JsonSchema,
  strict: boolean | null | undefined,
  path: string,
  context: ProtocolContext,
): { readonly schema: JsonSchema; readonly strict: boolean } {
  if (strict !== true || !isRecord(schema)) return { schema, strict: strict === true }
  const result = strictSchema(schema)
  if ('schema' in result) return { schema: result.schema, strict: true }
  changeSetting(
    context,
    `${path}${result.path}`,
    `${result.why} in OpenAI's strict mode; strict: false was sent`,
  )
  return { schema, strict: false }
}
