import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { seededRandom } from '../seeded-random.js'
import { runScript } from '../script/script.js'
import { answerRequest } from './answer-request.js'
import type { Emulator, EmulatorOptions, EmulatorReply } from './emulator.js'
import { recordRequest, type RecordedRequest } from './recorded-request.js'
import type { Vendor } from './vendor.js'

const DEFAULT_REPLY: EmulatorReply = 'Hello from the emulator.'

/** Starts a vendor's emulator on a loopback port. */
export async function startEmulator(vendor: Vendor, options: EmulatorOptions = {}): Promise<Emulator> {
  const random = seededRandom(options.seed ?? 1)
  const startedAt = performance.now()
  const now = (): number => performance.now() - startedAt
  const requests: RecordedRequest[] = []
  const waiting: { readonly count: number; readonly resolve: (request: RecordedRequest) => void }[] = []
  let script = runScript<EmulatorReply>(options.replies ?? DEFAULT_REPLY)
  let chatIndex = 0
  let arrivals = 0

  const serve = async (message: IncomingMessage, response: ServerResponse): Promise<void> => {
    const arrivedAt = now()
    const body = await readBody(message)
    const url = new URL(message.url ?? '/', 'http://emulator')
    const query = Object.fromEntries(url.searchParams)
    const headers = lowerCaseHeaders(message)
    const apiKey = vendor.credential(headers, query)
    const visible = Object.fromEntries(
      Object.entries(headers).filter(([name]) => !vendor.credentialHeaders.includes(name)),
    )
    const record = recordRequest(
      {
        index: arrivals++,
        method: message.method ?? 'GET',
        path: url.pathname,
        query,
        headers: visible,
        apiKey,
        body,
        startedAtMs: arrivedAt,
      },
      now,
    )
    if (options.record ?? true) requests.push(record.request)
    for (const { count, resolve } of waiting) if (count === arrivals) resolve(record.request)
    await answerRequest({
      vendor,
      record,
      response,
      call: { path: url.pathname, query, headers, body, random, models: options.models },
      apiKeys: options.apiKeys,
      nextReply: (facts) => script.next({ ...facts, index: chatIndex++ }),
    })
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      // A script that throws is the test's own fault: say so instead of hanging.
      if (response.headersSent) return response.destroy()
      response.writeHead(500, { 'content-type': 'text/plain' })
      response.end(`emulator: ${error instanceof Error ? error.message : String(error)}`)
    })
  })
  // Node's own limits would disturb scripted delays.
  server.requestTimeout = 0
  server.headersTimeout = 0
  server.keepAliveTimeout = 60_000
  await listen(server, options.port ?? 0)
  const { port } = server.address() as AddressInfo
  const url = `http://127.0.0.1:${port}`

  const emulator: Emulator = {
    url,
    baseURL: url + vendor.basePath,
    requests,
    setReplies(replies) {
      script = runScript<EmulatorReply>(replies)
      chatIndex = 0
    },
    remainingReplies: () => script.remaining(),
    received(count) {
      const request = requests[count - 1]
      if (request) return Promise.resolve(request)
      return new Promise((resolve) => waiting.push({ count, resolve }))
    },
    goDown: () => shut(server),
    comeUp: () => listen(server, port),
    close: () => shut(server),
    [Symbol.asyncDispose]: () => shut(server),
  }
  return emulator
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      server.off('error', reject)
      resolve()
    })
  })
}

function shut(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (!server.listening) return resolve()
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

async function readBody(message: IncomingMessage): Promise<unknown> {
  const parts: Buffer[] = []
  for await (const part of message) parts.push(part as Buffer)
  const text = Buffer.concat(parts).toString('utf8')
  if (text === '') return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

function lowerCaseHeaders(message: IncomingMessage): Record<string, string> {
  return Object.fromEntries(
    Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )
}
