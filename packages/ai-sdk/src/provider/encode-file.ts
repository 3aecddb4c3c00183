import type { LanguageModelV3DataContent, LanguageModelV3FilePart } from '@ai-sdk/provider'
import { GatewayError, type UserPart } from '@turnout/core'

/** A file of a user message: an image, audio, or anything else. */
export function encodeFile({ data, mediaType, filename }: LanguageModelV3FilePart): UserPart {
  return encodeMedia(data, mediaType, filename)
}

/** @param data bytes, base64, or the address of what lies elsewhere */
export function encodeMedia(
  data: LanguageModelV3DataContent,
  mediaType: string,
  filename: string | undefined,
): UserPart {
  const isImage = mediaType.startsWith('image/')
  if (data instanceof URL) {
    if (isImage) return { type: 'image_url', image_url: { url: data.href } }
    return { type: 'file', file: { file_url: data.href, ...(filename !== undefined && { filename }) } }
  }
  const base64 = typeof data === 'string' ? data : base64Of(data)
  if (mediaType.startsWith('audio/'))
    return { type: 'input_audio', input_audio: { data: base64, format: audioFormat(mediaType) } }
  if (isImage) {
    const type = mediaType === 'image/*' ? sniffedType(base64) : mediaType
    return { type: 'image_url', image_url: { url: `data:${type};base64,${base64}` } }
  }
  return {
    type: 'file',
    file: { file_data: `data:${mediaType};base64,${base64}`, filename: filename ?? nameFor(mediaType) },
  }
}

const base64Of = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')

function audioFormat(mediaType: string): string {
  const format = mediaType.slice('audio/'.length)
  if (format === 'mpeg') return 'mp3'
  return format === 'x-wav' || format === 'wave' ? 'wav' : format
}

/** OpenAI's dialect wants a name with every file. */
const nameFor = (mediaType: string): string => `file.${mediaType.split(/[/;+]/)[1] ?? 'bin'}`

const STARTS = [
  ['iVBOR', 'image/png'],
  ['/9j/', 'image/jpeg'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
] as const

function sniffedType(base64: string): string {
  const known = STARTS.find(([start]) => base64.startsWith(start))
  if (known) return known[1]
  throw new GatewayError({
    code: 'invalid_request',
    message: 'an image is neither PNG, JPEG, GIF nor WebP: give its mediaType',
    path: 'prompt',
  })
}
