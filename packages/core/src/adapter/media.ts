/** Small readers for message content. */
import type { TextPart } from '../contract/chat-request.js'

/**
 * A data URI in its parts; `undefined` for anything else. Parameters such as a charset are left out.
 *
 * @example parseDataUrl('data:image/png;base64,iVBO') // { mediaType: 'image/png', base64: 'iVBO' }
 */
export function parseDataUrl(url: string): { mediaType: string; base64: string } | undefined {
  if (!/^data:/i.test(url)) return undefined
  const comma = url.indexOf(',')
  if (comma < 0 || comma > 1_000) return undefined
  const [mediaType = '', ...parameters] = url
    .slice(5, comma)
    .split(';')
    .map((field) => field.trim())
  const data = url.slice(comma + 1)
  const isBase64 = parameters.some((parameter) => parameter.toLowerCase() === 'base64')
  const base64 = isBase64 ? data : encodeText(data)
  return base64 === undefined ? undefined : { mediaType: mediaType.toLowerCase() || 'text/plain', base64 }
}

function encodeText(data: string): string | undefined {
  try {
    return Buffer.from(decodeURIComponent(data)).toString('base64')
  } catch {
    return undefined
  }
}

const MEDIA_TYPES: ReadonlyMap<string, string> = new Map(
  Object.entries({
    pdf: 'application/pdf',
    json: 'application/json',
    xml: 'application/xml',
    zip: 'application/zip',
    txt: 'text/plain',
    md: 'text/markdown',
    csv: 'text/csv',
    html: 'text/html',
    css: 'text/css',
    js: 'text/javascript',
    png: 'image/png',
    jpg: 'image/jpeg',
    jpeg: 'image/jpeg',
    gif: 'image/gif',
    webp: 'image/webp',
    heic: 'image/heic',
    svg: 'image/svg+xml',
    bmp: 'image/bmp',
    tiff: 'image/tiff',
    avif: 'image/avif',
    wav: 'audio/wav',
    mp3: 'audio/mpeg',
    m4a: 'audio/mp4',
    ogg: 'audio/ogg',
    flac: 'audio/flac',
    aac: 'audio/aac',
    mp4: 'video/mp4',
    mov: 'video/quicktime',
    webm: 'video/webm',
    mpeg: 'video/mpeg',
    docx: 'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    pptx: 'application/vnd.openxmlformats-officedocument.presentationml.presentation',
  }),
)

/** The media type that a file name's ending stands for. Also takes a URL's path. */
export function mediaTypeOf(filename: string): string | undefined {
  const path = filename.split(/[?#]/, 1)[0] ?? ''
  const dot = path.lastIndexOf('.')
  return dot < 0 ? undefined : MEDIA_TYPES.get(path.slice(dot + 1).toLowerCase())
}

/** Content as parts: a string is one text part, nothing is none. */
export function partsOf<Part>(
  content: string | readonly Part[] | null | undefined,
): readonly (Part | TextPart)[] {
  if (content === null || content === undefined) return []
  return typeof content === 'string' ? [{ type: 'text', text: content }] : content
}

/** The text of content, its text parts joined as they are; other parts are left out. */
export function textOf(content: string | readonly { readonly type: string }[] | null | undefined): string {
  if (typeof content === 'string') return content
  let text = ''
  for (const part of content ?? []) if (isText(part)) text += part.text
  return text
}

function isText(part: { readonly type: string }): part is TextPart {
  return part.type === 'text' && typeof (part as TextPart).text === 'string'
}
