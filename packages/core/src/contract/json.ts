export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue | undefined
}
/** A JSON Schema document. Kept loose: the provider is the judge of its own subset. */
export type JsonSchema = Readonly<Record<string, unknown>>
