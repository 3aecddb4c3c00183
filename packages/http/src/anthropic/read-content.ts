/** Content blocks as parts of the gateway's shape. What a part has no field for goes along as its `provider_options`. */
import type { CacheControl, FilePart, JsonObject, ProviderOptions, TextPart, UserPart } from '@turnout/core'
import { isRecord } from '@turnout/core/adapter'
import type { JsonRecord } from '../read-json.js'
import { isGiven, listIn, otherFields, recordIn, textIn } from './read-value.js'

/** `provider_options` of this adapter carry what the shape has no field for. */
export const ADAPTER = 'anthropic'

const TEXT_FIELDS = new Set(['type', 'text', 'cache_control'])
const IMAGE_FIELDS = new Set(['type', 'source', 'cache_control'])
const DOCUMENT_FIELDS = new Set(['type', 'source', 'title', 'cache_control'])
/** The source goes along as it is. */
const DOCUMENT_FIELDS_SENT = new Set(['type', 'title', 'cache_control'])
const CACHE_FIELD = new Set(['cache_control'])

/** Text only, as of the system prompt. */
export function readTextParts(blocks: readonly unknown[], path: string): TextPart[] {
  return blocks.map((block, i) => textPart(recordIn(block, `${path}[${i}]`), `${path}[${i}]`))
}

/** What the gateway's shape has no field for, beside the cache mark, which it has. */
export function extras(
  record: JsonRecord,
  known: ReadonlySet<string>,
): {
  readonly cache_control?: CacheControl
  readonly provider_options?: ProviderOptions
} {
  const others = otherFields(record, known)
  return {
    ...cacheField(record),
    ...(others && { provider_options: { [ADAPTER]: others as JsonObject } }),
  }
}

/** The gateway checks what is in it. */
export function cacheField(record: JsonRecord): { readonly cache_control?: CacheControl } {
  const control = record['cache_control']
  return isGiven(control) ? { cache_control: control as CacheControl } : {}
}

/** @throws SurfaceFault */
export function readPart(block: JsonRecord, path: string): UserPart {
  switch (textIn(block['type'], `${path}.type`)) {
    case 'text':
      return textPart(block, path)
    case 'image':
      return imagePart(block, path)
    case 'document':
      return documentPart(block, path)
    case 'search_result':
      return { type: 'text', text: textOfBlocks(block['content']), ...extras(block, CACHE_FIELD) }
    default:
      // A kind that only Anthropic has: its adapter sends it as it is, others refuse it by name.
      return { type: block['type'], ...extras(block, CACHE_FIELD) } as unknown as UserPart
  }
}

const textPart = (block: JsonRecord, path: string): TextPart => ({
  type: 'text',
  text: textIn(block['text'], `${path}.text`),
  ...extras(block, TEXT_FIELDS),
})

function imagePart(block: JsonRecord, path: string): UserPart {
  const source = recordIn(block['source'], `${path}.source`)
  const more = extras(block, IMAGE_FIELDS)
  switch (source['type']) {
    case 'base64':
      return { type: 'image_url', image_url: { url: dataUrl(source, path) }, ...more }
    case 'url':
      return { type: 'image_url', image_url: { url: textIn(source['url'], `${path}.source.url`) }, ...more }
    case 'file':
      // The name tells the adapter that the file is an image.
      return { type: 'file', file: { file_id: fileId(source, path), filename: 'image.png' }, ...more }
    default:
      return { type: 'image', ...extras(block, CACHE_FIELD) } as unknown as UserPart
  }
}

function documentPart(block: JsonRecord, path: string): FilePart {
  const source = recordIn(block['source'], `${path}.source`)
  const title = isGiven(block['title']) ? { filename: textIn(block['title'], `${path}.title`) } : {}
  const more = extras(block, DOCUMENT_FIELDS)
  switch (source['type']) {
    case 'base64':
      return { type: 'file', file: { file_data: dataUrl(source, path), ...title }, ...more }
    case 'text':
      return {
        type: 'file',
        file: { file_data: textUrl(textIn(source['data'], `${path}.source.data`)), ...title },
        ...more,
      }
    case 'url':
      return {
        type: 'file',
        file: { file_url: textIn(source['url'], `${path}.source.url`), ...title },
        ...more,
      }
    case 'file':
      return { type: 'file', file: { file_id: fileId(source, path), ...title }, ...more }
    default: {
      // `content`, and sources to come: others get the text of it.
      const content = source['content']
      const text = typeof content === 'string' ? content : textOfBlocks(content)
      return {
        type: 'file',
        file: { file_data: textUrl(text), ...title },
        ...extras(block, DOCUMENT_FIELDS_SENT),
      }
    }
  }
}

const dataUrl = (source: JsonRecord, path: string): string =>
  `data:${textIn(source['media_type'], `${path}.source.media_type`)};base64,${textIn(source['data'], `${path}.source.data`)}`

const textUrl = (text: string): string => `data:text/plain;base64,${Buffer.from(text).toString('base64')}`

const fileId = (source: JsonRecord, path: string): string =>
  textIn(source['file_id'], `${path}.source.file_id`)

function textOfBlocks(content: unknown): string {
  if (!Array.isArray(content)) return ''
  return listIn(content, 'content')
    .map((block) => (isRecord(block) && typeof block['text'] === 'string' ? block['text'] : ''))
    .join('\n')
}
