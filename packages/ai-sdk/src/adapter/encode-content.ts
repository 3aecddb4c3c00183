/** Content parts as those of the AI SDK. */
import type {
  LanguageModelV3FilePart,
  LanguageModelV3TextPart,
  LanguageModelV3ToolResultOutput,
} from '@ai-sdk/provider'
import { GatewayError, mediaTypeOf, parseDataUrl, type UserPart } from '@turnout/core/adapter'
import type { ModelCall } from './model-call.js'

type OutputPart = Extract<LanguageModelV3ToolResultOutput, { type: 'content' }>['value'][number]

export interface ContentEncoder {
  encode(part: UserPart, path: string): LanguageModelV3TextPart | LanguageModelV3FilePart
  encodeOutput(part: UserPart, path: string): OutputPart
}

interface Media {
  readonly data: string | URL
  readonly mediaType: string
  readonly filename?: string
}

export async function createContentEncoder({ model, attempt }: ModelCall): Promise<ContentEncoder> {
  const supported = await model.supportedUrls
  const version: string = model.specificationVersion
  const refuse = (path: string, why: string): GatewayError =>
    new GatewayError({
      code: 'invalid_request',
      message: `${path} cannot be sent to ${attempt.provider}: ${why}`,
      path,
      provider: attempt.provider,
      model: attempt.model,
    })
  /** The AI SDK downloads what a model does not take as an address; a gateway fetches nothing on a prompt's behalf. */
  const remote = (address: string, mediaType: string, path: string): URL => {
    if (!URL.canParse(address)) throw refuse(path, 'its address cannot be read')
    if (isSupported(address, mediaType, supported)) return new URL(address)
    throw refuse(path, `the model takes no ${mediaType} by address; send its bytes as a data URI`)
  }
  const mediaOf = (part: Exclude<UserPart, { type: 'text' }>, path: string): Media => {
    switch (part.type) {
      case 'image_url': {
        const { url } = part.image_url
        const inline = parseDataUrl(url)
        if (inline) return { data: inline.base64, mediaType: inline.mediaType }
        const mediaType = mediaTypeOf(url) ?? 'image/*'
        return { data: remote(url, mediaType, `${path}.image_url.url`), mediaType }
      }
      case 'input_audio': {
        const { data, format } = part.input_audio
        return { data, mediaType: format === 'mp3' ? 'audio/mpeg' : `audio/${format}` }
      }
      case 'file': {
        const { file_data: data, file_url: url, filename } = part.file
        const named = filename === undefined ? {} : { filename }
        const byName = mediaTypeOf(filename ?? url ?? '') ?? 'application/octet-stream'
        if (data !== undefined) {
          const inline = parseDataUrl(data)
          return { data: inline?.base64 ?? data, mediaType: inline?.mediaType ?? byName, ...named }
        }
        if (url !== undefined)
          return { data: remote(url, byName, `${path}.file.file_url`), mediaType: byName, ...named }
        throw refuse(path, 'a file uploaded elsewhere is known to its provider only; send its bytes')
      }
    }
  }
  return {
    encode(part, path) {
      if (part.type === 'text') return { type: 'text', text: part.text }
      const { data, mediaType, filename } = mediaOf(part, path)
      return {
        type: 'file',
        data: (version === 'v4' ? tagged(data) : data) as string,
        mediaType,
        ...(filename !== undefined && { filename }),
      }
    },
    encodeOutput(part, path) {
      if (part.type === 'text') return { type: 'text', text: part.text }
      const { data, mediaType, filename } = mediaOf(part, path)
      if (version === 'v4') return { type: 'file', data: tagged(data), mediaType } as unknown as OutputPart
      if (data instanceof URL) return { type: 'file-url', url: data.href, mediaType }
      if (version === 'v2') return { type: 'media', data, mediaType } as unknown as OutputPart
      return { type: 'file-data', data, mediaType, ...(filename !== undefined && { filename }) }
    },
  }
}

const tagged = (data: string | URL) =>
  data instanceof URL ? { type: 'url', url: data } : { type: 'data', data }

/** Media types may end in a star, on either side. */
function isSupported(
  address: string,
  mediaType: string,
  supported: Readonly<Record<string, readonly RegExp[]>>,
): boolean {
  const [kind = ''] = mediaType.split('/')
  return Object.entries(supported).some(
    ([pattern, addresses]) =>
      (pattern === '*' || pattern === '*/*' || pattern === mediaType || pattern === `${kind}/*`) &&
      addresses.some((known) => known.test(address.toLowerCase())),
  )
}
