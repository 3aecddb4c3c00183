/** Sources of an answer as annotations: citations and grounding, in OpenAI's `url_citation` shape. */
import type { Annotation } from '@turnout/core/adapter'
import type { Citation, GroundingMetadata, Segment } from './wire-types.js'

/** What a candidate has said about its sources so far. */
export interface Sources {
  readonly citations: readonly Citation[]
  /** Each event's grounding is whole: the last one holds. */
  readonly grounding?: GroundingMetadata
  readonly urlContext?: object
}

export function annotationsOf(sources: Sources, content: string): Annotation[] {
  const offsets = createOffsets(content)
  const annotations: Annotation[] = []
  for (const { uri, title, startIndex = 0, endIndex, license } of sources.citations) {
    if (!uri) continue
    const place =
      endIndex === undefined ? {} : { start_index: offsets.at(startIndex), end_index: offsets.at(endIndex) }
    annotations.push(urlCitation(uri, title, place, license ? { license } : undefined))
  }
  if (sources.grounding) {
    annotations.push(...groundingCitations(sources.grounding, content, offsets))
    // Search suggestions must be shown as they are: the whole block goes along.
    annotations.push({ type: 'grounding_metadata', grounding_metadata: sources.grounding })
  }
  if (sources.urlContext)
    annotations.push({ type: 'url_context_metadata', url_context_metadata: sources.urlContext })
  return annotations
}

function groundingCitations(grounding: GroundingMetadata, content: string, offsets: Offsets): Annotation[] {
  const sources = (grounding.groundingChunks ?? []).map(
    (chunk) => chunk?.web ?? chunk?.retrievedContext ?? chunk?.maps,
  )
  const supports = grounding.groundingSupports ?? []
  if (supports.length === 0) {
    return sources.flatMap((source) => (source?.uri ? [urlCitation(source.uri, source.title, {})] : []))
  }
  return supports.flatMap(({ segment, groundingChunkIndices = [] }) => {
    const place = segment ? placeOf(segment, content, offsets) : {}
    return groundingChunkIndices.flatMap((index) => {
      const source = sources[index]
      return source?.uri ? [urlCitation(source.uri, source.title, place)] : []
    })
  })
}

interface Place {
  readonly start_index?: number
  readonly end_index?: number
}

function urlCitation(url: string, title: string | undefined, place: Place, more?: object): Annotation {
  return { type: 'url_citation', url_citation: { url, ...(title && { title }), ...place, ...more } }
}

/** The segment's text tells whether its offsets, which count within one part, fit the joined text. */
function placeOf(segment: Segment, content: string, offsets: Offsets): Place {
  const { startIndex = 0, endIndex, text } = segment
  if (!text)
    return endIndex === undefined
      ? {}
      : { start_index: offsets.at(startIndex), end_index: offsets.at(endIndex) }
  const counted = offsets.at(startIndex)
  const start = content.startsWith(text, counted) ? counted : content.indexOf(text)
  return start < 0 ? {} : { start_index: start, end_index: start + text.length }
}

interface Offsets {
  /** From bytes of UTF-8 to positions in the string. */
  at(byteOffset: number): number
}

function createOffsets(content: string): Offsets {
  let bytes: Buffer | undefined
  return {
    at(byteOffset) {
      bytes ??= Buffer.from(content)
      return bytes.length === content.length ? byteOffset : bytes.subarray(0, byteOffset).toString().length
    },
  }
}
