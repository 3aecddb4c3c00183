import type { LanguageModelV3ToolResultOutput } from '@ai-sdk/provider'
import { GatewayError, type UserPart } from '@turnout/core'
import { encodeMedia } from './encode-file.js'

type Output = LanguageModelV3ToolResultOutput
type ContentPart = Extract<Output, { type: 'content' }>['value'][number]

export interface EncodedOutput {
  readonly content: string | readonly UserPart[]
  readonly isError: boolean
}

export function encodeToolOutput(output: Output): EncodedOutput {
  switch (output.type) {
    case 'text':
      return { content: output.value, isError: false }
    case 'json':
      return { content: JSON.stringify(output.value), isError: false }
    case 'error-text':
      return { content: output.value, isError: true }
    case 'error-json':
      return { content: JSON.stringify(output.value), isError: true }
    case 'execution-denied':
      return { content: output.reason ?? 'The user did not allow this tool to run.', isError: true }
    case 'content':
      return { content: output.value.map(encodePart), isError: false }
  }
}

function encodePart(part: ContentPart): UserPart {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text }
    case 'file-data':
      return encodeMedia(part.data, part.mediaType, part.filename)
    case 'image-data':
      return encodeMedia(part.data, part.mediaType, undefined)
    case 'file-url':
      return encodeMedia(addressOf(part.url), part.mediaType ?? 'application/octet-stream', undefined)
    case 'image-url':
      return encodeMedia(addressOf(part.url), 'image/*', undefined)
    case 'file-id':
    case 'image-file-id': {
      const { fileId } = part
      const id = typeof fileId === 'string' ? fileId : Object.values(fileId)[0]
      return { type: 'file', file: { file_id: id ?? '' } }
    }
    case 'custom':
      // Of no known form: the model sees it as it stands.
      return { type: 'text', text: JSON.stringify(part) }
  }
}

function addressOf(text: string): URL {
  if (URL.canParse(text)) return new URL(text)
  throw new GatewayError({
    code: 'invalid_request',
    message: "prompt: the address of a file in a tool's result cannot be read; give a whole URL",
    path: 'prompt',
  })
}
