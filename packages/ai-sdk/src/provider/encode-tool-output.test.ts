import { describe, expect, it } from 'vitest'
import { encodeToolOutput } from './encode-tool-output.js'

describe('encodeToolOutput', () => {
  it.each(['file-url', 'image-url'] as const)('refuses an address that is none in a part %s', (type) => {
    const part = { type, url: 'not an address', mediaType: 'image/png' }
    expect(() => encodeToolOutput({ type: 'content', value: [part] })).toThrow(
      expect.objectContaining({ code: 'invalid_request', path: 'prompt' }),
    )
    const good = { ...part, url: 'https://example.com/a.png' }
    expect(encodeToolOutput({ type: 'content', value: [good] }).content).toEqual([
      { type: 'image_url', image_url: { url: good.url } },
    ])
  })
})
