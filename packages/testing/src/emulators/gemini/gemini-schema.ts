/** The OpenAPI-like subset of `parameters` and `responseSchema`: a word outside it is refused. */
import { isRecord, textOf } from '../read-json.js'
import { refuseArgument, refuseUnknownNames } from './refuse-argument.js'

const WORDS = [
  'type',
  'format',
  'title',
  'description',
  'nullable',
  'enum',
  'items',
  'properties',
  'required',
  'minItems',
  'maxItems',
  'minProperties',
  'maxProperties',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'example',
  'anyOf',
  'propertyOrdering',
  'default',
]

/** @param path such as `tools[0].function_declarations[0].parameters`. */
export function checkGeminiSchema(schema: unknown, path: string): void {
  if (!isRecord(schema)) return
  refuseUnknownNames(Object.keys(schema), WORDS, path)
  if (Array.isArray(schema['type']))
    refuseArgument(`Proto field is not repeating, cannot start list at '${path}.type'.`)
  const { properties } = schema
  if (
    textOf(schema['type']).toUpperCase() === 'OBJECT' &&
    (!isRecord(properties) || Object.keys(properties).length === 0)
  ) {
    refuseArgument(`* GenerateContentRequest.${path}.properties: should be non-empty for OBJECT type\n`)
  }
  if (isRecord(properties))
    for (const [name, value] of Object.entries(properties))
      checkGeminiSchema(value, `${path}.properties[${name}]`)
  checkGeminiSchema(schema['items'], `${path}.items`)
  if (Array.isArray(schema['anyOf']))
    schema['anyOf'].forEach((value, index) => checkGeminiSchema(value, `${path}.any_of[${index}]`))
}
