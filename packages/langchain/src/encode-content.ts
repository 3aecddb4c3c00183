/** Content blocks: LangChain's of version 1 and before, and OpenAI's, which it takes too. */
import type { MessageContent } from '@langchain/core/messages'
import { GatewayError, type UserPart } from '@turnout/core'

interface Block {
  readonly type?: string
  readonly [field: string]: unknown
}

export function encodeContent(content: MessageContent, path: string): string | readonly UserPart[] {
  if (typeof content === 'string') return content
  return (content as readonly Block[]).map((block, index) => encodeBlock(block, `${path}.content[${index}]`))
}

function encodeBlock(block: Block, path: string): UserPart {
  switch (block.type ?? '') {
    case 'text':
      return { type: 'text', text: textIn(block['text']) ?? '' }
    case 'image_url': {
      const image = block['image_url']
      return {
        type: 'image_url',
        image_url: typeof image === 'string' ? { url: image } : (image as { readonly url: string }),
      }
    }
    case 'image':
    case 'audio':
    case 'file':
    case 'text-plain':
      return encodeData(block, path)
    case 'input_audio':
      return block as unknown as UserPart
  }
  throw refused(path, `a block of type "${block.type ?? '(none)'}"`)
}

/** `data` is base64 or bytes. */
function encodeData(block: Block, path: string): UserPart {
  if (block['file'] !== undefined) return block as unknown as UserPart // OpenAI's
  const data = bytesOf(block['data'])
  const url = textIn(block['url'])
  const id = textIn(block['fileId'] ?? block['id'])
  const mediaType = textIn(block['mimeType'] ?? block['mime_type'])
  const metadata = (block['metadata'] ?? {}) as Readonly<Record<string, unknown>>
  const filename = textIn(metadata['filename'] ?? metadata['name'])
  const named = filename === undefined ? {} : { filename }
  if (block.type === 'image' && (url ?? data) !== undefined) {
    return { type: 'image_url', image_url: { url: url ?? `data:${mediaType ?? 'image/png'};base64,${data}` } }
  }
  if (block.type === 'audio' && data !== undefined) {
    const format = (mediaType ?? 'audio/wav').slice('audio/'.length)
    return { type: 'input_audio', input_audio: { data, format: format === 'mpeg' ? 'mp3' : format } }
  }
  if (typeof block['text'] === 'string') return { type: 'text', text: block['text'] }
  if (data !== undefined) {
    const type = mediaType ?? 'application/pdf'
    const name = filename ?? `file.${type.split('/')[1] ?? 'bin'}`
    return { type: 'file', file: { file_data: `data:${type};base64,${data}`, filename: name } }
  }
  if (url !== undefined) return { type: 'file', file: { file_url: url, ...named } }
  if (id !== undefined) return { type: 'file', file: { file_id: id, ...named } }
  throw refused(path, `a block of type "${String(block.type)}" without data, url or id`)
}

function bytesOf(data: unknown): string | undefined {
  if (typeof data === 'string') return data
  return data instanceof Uint8Array ? Buffer.from(data).toString('base64') : undefined
}

const textIn = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)

const refused = (path: string, what: string): GatewayError =>
  new GatewayError({
    code: 'invalid_request',
    message: `${path}: ${what} cannot be sent; use text, image, audio or file blocks`,
    path,
  })
