/** A good guest: a process that has made its calls ends by itself, and its own fetch was left alone. */
import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { startHttp, startTcp } from '../../test/loopback.js'

// The built package: plain Node does not read TypeScript. `npm test` builds first.
const built = new URL('../../dist/adapter/index.js', import.meta.url)

const script = `
  import { defineAdapter, deltaChunk } from ${JSON.stringify(built.href)}
  const head = { id: 'a', created: 1, model: 'm' }
  const protocol = {
    name: 'plain', encode: () => ({ path: '/chat', body: {} }), start: () => ({ done: false }),
    step: (state, frame) => ((state.done = true), [deltaChunk(head, 0, { content: frame.data })]), end: () => [],
    decode: (body) => [deltaChunk(head, 0, { content: body.text })],
    decodeError: (answer) => new Error(String(answer.status)),
  }
  const call = async (url, stream, afterMs) => {
    const adapter = defineAdapter({ name: 'plain', baseURL: url, apiKeyVariable: null, models: [], protocol })
    const aborting = new AbortController()
    if (afterMs) setTimeout(() => aborting.abort(), afterMs)
    const source = adapter.chat({ model: 'm', messages: [] }, {
      requestId: 'r', provider: 'p', model: 'm', stream, signal: aborting.signal, unsupported: 'warn',
      mark() {}, warn() {}, response() {},
    })
    const texts = []
    try {
      for (let batch = await source.next(); batch; batch = await source.next()) {
        for (const chunk of batch) texts.push(chunk.choices[0].delta.content)
      }
    } catch (error) { texts.push(error.code) }
    return texts.join()
  }
  const [good, silent] = process.argv.slice(1)
  console.log(await call(good, false), await call(good + '/stream', true), await call(silent, true, 50))
  console.log(globalThis[Symbol.for('undici.globalDispatcher.1')] === undefined)
`

describe('an adapter that nobody closes', () => {
  it.skipIf(!existsSync(built))(
    'keeps no process alive and changes nothing global',
    async () => {
      const server = await startHttp((response, { url }) => {
        if (!url.startsWith('/stream')) return response.end('{"text":"whole"}')
        response.write('data: stream\n\n')
      })
      const silent = await startTcp(() => {})
      const args = ['--input-type=module', '-e', script, server.url, silent.url.replace('http:', 'https:')]
      const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 15_000 })
      expect(stdout.trim().split('\n')).toEqual(['whole stream aborted', 'true'])
    },
    20_000,
  )
})
