import {
  dropSetting,
  GatewayError,
  isRecord,
  mediaTypeOf,
  parseDataUrl,
  type CacheControl,
  type FilePart,
  type ImagePart,
  type ProtocolContext,
  type TextPart,
  type UserPart,
} from '@turnout/core/adapter'
import type { CacheMarks } from './cache-marks.js'
import type { WireBlock } from './wire-types.js'

const IMAGE_TYPES: ReadonlySet<string> = new Set(['image/jpeg', 'image/png', 'image/gif', 'image/webp'])
const SOMETHING = /\S/

export const refuse = (context: ProtocolContext, path: string, why: string): GatewayError =>
  new GatewayError({
    code: 'invalid_request',
    message: `${path}: ${why}`,
    path,
    provider: context.provider,
    model: context.model,
  })

/** The API refuses blocks of text that hold nothing but white space. */
export const isBlank = (text: string): boolean => !SOMETHING.test(text)

/** Text as a block, or none when it is blank. */
export function textBlocks(text: string): WireBlock[] {
  return isBlank(text) ? [] : [{ type: 'text', text }]
}

/** User, tool and system content as blocks; `cacheControl` is the message's own, for its last block. */
export function contentBlocks(
  content: string | readonly UserPart[],
  path: string,
  cacheControl: CacheControl | undefined,
  context: ProtocolContext,
  marks: CacheMarks,
): WireBlock[] {
  if (typeof content === 'string') {
    const blocks = textBlocks(content)
    if (cacheControl && blocks[0]) marks.add(blocks[0], cacheControl, path)
    return blocks
  }
  const blocks: WireBlock[] = []
  let last: CacheControl | undefined
  content.forEach((part, at) => {
    const partPath = `${path}.content[${at}]`
    const block = partBlock(part, partPath, context)
    if (!block) return
    blocks.push(block)
    last = part.cache_control
    marks.add(block, last, partPath)
  })
  const final = blocks.at(-1)
  if (final && !last) marks.add(final, cacheControl, path)
  return blocks
}

/** With the part's own fields for this adapter; with a type they are the whole block. */
function partBlock(part: UserPart, path: string, context: ProtocolContext): WireBlock | undefined {
  const own = 'provider_options' in part ? part.provider_options?.[context.adapter] : undefined
  if (!isRecord(own)) return standardBlock(part, path, context)
  if (isBlock(own)) return { ...own }
  const block = standardBlock(part, path, context)
  return block && { ...block, ...own }
}

function standardBlock(part: UserPart, path: string, context: ProtocolContext): WireBlock | undefined {
  switch (part.type) {
    case 'text':
      return textBlock(part)
    case 'image_url':
      return imageBlock(part, path, context)
    case 'file':
      return fileBlock(part, path, context)
    case 'input_audio':
      throw refuse(
        context,
        path,
        'Anthropic takes no audio. Send its transcript as text, or use another model',
      )
    default:
      throw refuse(
        context,
        path,
        `Anthropic takes text, image_url and file parts, not "${String((part as { type: unknown }).type)}"`,
      )
  }
}

const textBlock = (part: TextPart): WireBlock | undefined =>
  isBlank(part.text) ? undefined : { type: 'text', text: part.text }

function imageBlock(part: ImagePart, path: string, context: ProtocolContext): WireBlock {
  const { url, detail } = part.image_url
  if (detail !== undefined && detail !== 'auto') {
    dropSetting(context, `${path}.image_url.detail`, 'Anthropic chooses the resolution itself')
  }
  const inline = parseDataUrl(url)
  if (inline) return base64Image(inline.mediaType, inline.base64, `${path}.image_url.url`, context)
  if (!/^https?:/i.test(url))
    throw refuse(context, `${path}.image_url.url`, 'give an https URL or a data URI')
  return { type: 'image', source: { type: 'url', url } }
}

function base64Image(mediaType: string, data: string, path: string, context: ProtocolContext): WireBlock {
  const media_type = mediaType === 'image/jpg' ? 'image/jpeg' : mediaType
  if (!IMAGE_TYPES.has(media_type)) {
    throw refuse(
      context,
      path,
      `Anthropic takes jpeg, png, gif and webp images, not ${mediaType}. Convert it first`,
    )
  }
  return { type: 'image', source: { type: 'base64', media_type, data } }
}

function fileBlock(part: FilePart, path: string, context: ProtocolContext): WireBlock {
  const { file_data: data, file_id: id, file_url: url, filename } = part.file
  const title = filename === undefined ? {} : { title: filename }
  if (id !== undefined) {
    const source = { type: 'file', file_id: id }
    return isImageName(filename) ? { type: 'image', source } : { type: 'document', source, ...title }
  }
  if (url !== undefined) {
    const source = { type: 'url', url }
    return isImageName(filename ?? url) ? { type: 'image', source } : { type: 'document', source, ...title }
  }
  if (data === undefined) throw refuse(context, `${path}.file`, 'give one of file_data, file_id and file_url')
  const inline = parseDataUrl(data) ?? bareBase64(data, filename)
  if (!inline)
    throw refuse(
      context,
      `${path}.file.file_data`,
      'give a data URI, such as "data:application/pdf;base64,…"',
    )
  const { mediaType, base64 } = inline
  if (mediaType === 'application/pdf') {
    return { type: 'document', source: { type: 'base64', media_type: mediaType, data: base64 }, ...title }
  }
  if (mediaType.startsWith('text/') || mediaType === 'application/json' || mediaType === 'application/xml') {
    const text = Buffer.from(base64, 'base64').toString('utf8')
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title }
  }
  if (mediaType.startsWith('image/')) return base64Image(mediaType, base64, `${path}.file.file_data`, context)
  throw refuse(
    context,
    `${path}.file.file_data`,
    `Anthropic reads PDF, text and image files, not ${mediaType}. Convert it first`,
  )
}

/** A file without a data URI still says what it is when its name does. */
function bareBase64(
  data: string,
  filename: string | undefined,
): { mediaType: string; base64: string } | undefined {
  const mediaType = filename === undefined ? undefined : mediaTypeOf(filename)
  return mediaType === undefined ? undefined : { mediaType, base64: data }
}

const isImageName = (name: string | undefined): boolean =>
  name !== undefined && IMAGE_TYPES.has(mediaTypeOf(name) ?? '')

/** True for a block that may carry a cache mark and stand in a request: anything with a type. */
export const isBlock = (value: unknown): value is WireBlock =>
  isRecord(value) && typeof value['type'] === 'string'
