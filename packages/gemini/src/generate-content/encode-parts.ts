/** Content of user messages and tool results as Gemini parts. */
import {
  dropSetting,
  GatewayError,
  mediaTypeOf,
  parseDataUrl,
  type FilePart,
  type ImagePart,
  type ProtocolContext,
  type UserPart,
} from '@turnout/core/adapter'
import type { ModelRules } from '../models.js'
import type { Part } from './wire-types.js'

/** Empty texts are left out, since the API may refuse them: the result can be empty. */
export function encodeParts(
  content: string | readonly UserPart[],
  path: string,
  rules: ModelRules,
  context: ProtocolContext,
): Part[] {
  if (typeof content === 'string') return content === '' ? [] : [{ text: content }]
  const parts: Part[] = []
  for (let i = 0; i < content.length; i++) {
    const part = content[i]
    if (part === undefined || (part.type === 'text' && part.text === '')) continue
    parts.push(encodePart(part, `${path}[${i}]`, rules, context))
  }
  return parts
}

function encodePart(part: UserPart, path: string, rules: ModelRules, context: ProtocolContext): Part {
  switch (part.type) {
    case 'text':
      return { text: part.text }
    case 'image_url':
      return encodeImage(part, path, rules, context)
    case 'input_audio':
      return { inlineData: { mimeType: `audio/${part.input_audio.format}`, data: part.input_audio.data } }
    case 'file':
      return encodeFile(part, path, rules, context)
    default:
      throw refusal(
        path,
        `a "${String((part as { type: unknown }).type)}" part cannot be sent to Gemini; use text, image_url, input_audio or file`,
      )
  }
}

function encodeImage(part: ImagePart, path: string, rules: ModelRules, context: ProtocolContext): Part {
  const { url, detail } = part.image_url
  if (detail === 'low' || detail === 'high') {
    dropSetting(
      context,
      `${path}.image_url.detail`,
      'Gemini sets the resolution for the whole request (generationConfig.mediaResolution)',
    )
  }
  const inline = parseDataUrl(url)
  if (inline) return { inlineData: { mimeType: inline.mediaType, data: inline.base64 } }
  requireRemote(url, `${path}.image_url.url`, rules, context)
  const mimeType = mediaTypeOf(url)
  if (mimeType === undefined) {
    context.warn({
      code: 'content_changed',
      path: `${path}.image_url.url`,
      message: 'the URL does not tell the image type, which Gemini asks for: sent as image/jpeg',
      provider: context.provider,
    })
  }
  return { fileData: { mimeType: mimeType ?? 'image/jpeg', fileUri: url } }
}

function encodeFile(part: FilePart, path: string, rules: ModelRules, context: ProtocolContext): Part {
  const { file_data: data, file_id: id, file_url: url, filename } = part.file
  if (data !== undefined) {
    const inline = parseDataUrl(data)
    if (inline) return { inlineData: { mimeType: inline.mediaType, data: inline.base64 } }
    return { inlineData: { mimeType: typeByName(filename, undefined, path), data } }
  }
  if (id !== undefined) {
    // `files/abc` is the resource's name; the API wants its whole URI.
    const fileUri = id.startsWith('files/') ? `${context.origin}/v1beta/${id}` : id
    return { fileData: { mimeType: typeByName(filename, id, path), fileUri } }
  }
  if (url === undefined) throw refusal(`${path}.file`, 'needs one of file_data, file_id or file_url')
  requireRemote(url, `${path}.file.file_url`, rules, context)
  return { fileData: { mimeType: typeByName(filename, url, path), fileUri: url } }
}

function typeByName(filename: string | undefined, address: string | undefined, path: string): string {
  const mimeType = (filename && mediaTypeOf(filename)) ?? (address && mediaTypeOf(address))
  if (mimeType) return mimeType
  throw refusal(
    `${path}.file.filename`,
    'Gemini asks for the type of a file: give a filename with its ending, such as report.pdf',
  )
}

/** Uploaded files and Cloud Storage can be read by every model. */
function requireRemote(url: string, path: string, rules: ModelRules, context: ProtocolContext): void {
  if (rules.remoteUrls || !/^https?:/i.test(url) || url.startsWith(context.origin)) return
  throw refusal(
    path,
    `${context.model} does not fetch URLs; send the data itself (data:<type>;base64,…) or upload the file first`,
  )
}

function refusal(path: string, message: string): GatewayError {
  return new GatewayError({ code: 'invalid_request', path, message: `${path}: ${message}` })
}
