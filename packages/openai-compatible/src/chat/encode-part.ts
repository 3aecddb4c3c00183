/** Content parts on the wire. What the model or this API cannot take is refused with the place where it stands. */
import {
  mediaTypeOf,
  parseDataUrl,
  type AudioPart,
  type FilePart,
  type ImagePart,
  type ModelCapabilities,
  type UserPart,
} from '@turnout/core/adapter'
import { cacheMark, refuse, type Encoding } from './encoding.js'

export function encodePart(part: UserPart, encoding: Encoding, path: string): object {
  const wire = encodeBare(part, encoding, path)
  const mark = cacheMark(part.cache_control, encoding)
  return mark ? { ...wire, ...mark } : wire
}

function encodeBare(part: UserPart, encoding: Encoding, path: string): object {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'image_url':
      need('images', encoding, path)
      return encoding.dialect.encodeMedia?.(part) ?? encodeImage(part)
    case 'input_audio':
      need('audio', encoding, path)
      return encodeAudio(part, encoding, path)
    case 'file':
      need('files', encoding, path)
      return encoding.dialect.encodeMedia?.(part) ?? encodeFile(part, encoding, path)
    // A part type of tomorrow; validation has warned.
    default:
      return part
  }
}

function encodeImage({ image_url }: ImagePart): object {
  const { url, detail } = image_url
  return { type: 'image_url', image_url: detail === undefined ? { url } : { url, detail } }
}

function encodeAudio(part: AudioPart, encoding: Encoding, path: string): object {
  const { data, format } = part.input_audio
  const { audioFormats } = encoding.dialect
  if (audioFormats && !audioFormats.includes(format)) {
    const message = `audio format "${format}" is not taken here; convert it to ${audioFormats.join(' or ')}`
    throw refuse(message, `${path}.input_audio.format`, encoding)
  }
  return encoding.dialect.encodeMedia?.(part) ?? { type: 'input_audio', input_audio: { data, format } }
}

function encodeFile({ file }: FilePart, encoding: Encoding, path: string): object {
  const { file_data, file_id, filename } = file
  if (file_id !== undefined) return { type: 'file', file: { file_id } }
  if (file_data !== undefined)
    return { type: 'file', file: { file_data, filename: filename ?? madeUpFilename(file_data) } }
  const message =
    'files are not fetched by URL here; download it and pass file_data with filename, or a file_id'
  throw refuse(message, `${path}.file.file_url`, encoding)
}

/** A name is required beside the data, and its ending must fit. */
function madeUpFilename(fileData: string): string {
  const mediaType = parseDataUrl(fileData.slice(0, 1_000))?.mediaType
  const ending = mediaType?.split('/')[1] ?? ''
  return ending !== '' && mediaTypeOf(`file.${ending}`) === mediaType ? `file.${ending}` : 'file'
}

function need(
  capability: keyof ModelCapabilities & ('images' | 'audio' | 'files'),
  encoding: Encoding,
  path: string,
): void {
  if (encoding.rules.capabilities?.[capability] !== false) return
  throw refuse(
    `${encoding.context.model} takes no ${capability}; remove the part or choose another model`,
    path,
    encoding,
  )
}
