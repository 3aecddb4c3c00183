import { isRecord } from '@turnout/core/adapter'
import type { Annotation } from '@turnout/core/adapter'

/**
 * An annotation in the shape of Chat Completions: a URL citation is nested there and flat here; others keep their fields.
 *
 * @param start where the annotated part begins in the joined content: the indexes count within the part
 */
export function readAnnotation(annotation: unknown, start: number): Annotation | undefined {
  if (!isRecord(annotation) || typeof annotation.type !== 'string') return undefined
  const { type, ...fields } = annotation
  for (const name of ['start_index', 'end_index']) {
    const index = fields[name]
    if (typeof index === 'number') fields[name] = index + start
  }
  return type === 'url_citation' ? { type, url_citation: fields } : { type, ...fields }
}
