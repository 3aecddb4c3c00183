/**
 * The upstream of the load tests, in a process of its own on loopback: answers each call with the text of its task, at
 * the task's pace. The parent asks for its counts, and for the moments at which connections were given up.
 */
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pieceOf, taskIn, type Task } from './task.js'

export interface UpstreamCounts {
  readonly requests: number
  readonly faults: number
  readonly active: number
  readonly mostActive: number
  readonly sockets: number
  /** Call and moment, in microseconds of the machine's monotonic clock, of answers whose reader went away. */
  readonly givenUp: readonly (readonly [call: number, atUs: number])[]
}

const head = '{"id":"chatcmpl-load","object":"chat.completion.chunk","created":1700000000,"model":"gpt-4.1",'
const event = (rest: string): string => `data: ${head}${rest}}\n\n`
const delta = (content: string): string =>
  event(
    `"choices":[{"index":0,"delta":{"content":${JSON.stringify(content)}},"logprobs":null,"finish_reason":null}],"usage":null`,
  )
const usageOf = ({ chunks }: Task): string =>
  `{"prompt_tokens":250,"completion_tokens":${chunks},"total_tokens":${250 + chunks}}`
const closing = (task: Task): string =>
  event('"choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null') +
  event(`"choices":[],"usage":${usageOf(task)}`) +
  'data: [DONE]\n\n'

const attemptsOf = new Map<number, number>()
const GATHER_MS = 60_000
const gathering: (() => void)[] = []
let gathered = false
const givenUp: [number, number][] = []
let requests = 0
let faults = 0
let active = 0
let mostActive = 0
let sockets = 0

const server = createServer((request, response) => {
  const body: Buffer[] = []
  request.on('data', (piece: Buffer) => body.push(piece))
  request.on('end', () => {
    // A health check asks for the list of models.
    if (request.method === 'GET') return void response.end('{"object":"list","data":[]}')
    const asked = JSON.parse(Buffer.concat(body).toString()) as {
      readonly stream?: boolean
      readonly messages: readonly { readonly content: string }[]
    }
    const task = taskIn(asked.messages[0]?.content ?? '')
    requests++
    mostActive = Math.max(mostActive, ++active)
    let isActive = true
    const leave = (): void => {
      if (isActive) active--
      isActive = false
    }
    // Before the client can have read the end of it, and send the next.
    response.on('finish', leave)
    response.on('close', () => {
      leave()
      if (!response.writableFinished) givenUp.push([task.call, Number(process.hrtime.bigint() / 1_000n)])
    })
    whenGathered(task, () => answer(task, asked.stream === true, response))
  })
})

/** Runs all that wait when there are as many as they wait for. */
function whenGathered({ gather }: Task, run: () => void): void {
  if (gather === undefined || gathered) return run()
  const all = (): void => {
    gathered = true
    for (const begin of gathering.splice(0)) begin()
  }
  if (gathering.push(run) === 1) setTimeout(all, GATHER_MS).unref()
  if (gathering.length >= gather) all()
}

function answer(task: Task, streamed: boolean, response: ServerResponse): void {
  let timer: NodeJS.Timeout | undefined
  response.on('close', () => clearTimeout(timer))
  const fault = faultOf(task)
  if (fault === 'http-500' || fault === 'http-429') {
    const isLimit = fault === 'http-429'
    response.writeHead(isLimit ? 429 : 500, {
      'content-type': 'application/json',
      ...(isLimit && { 'retry-after-ms': '5' }),
    })
    response.end('{"error":{"message":"out of order","type":"server_error"}}')
    return
  }
  if (fault === 'reset') return void response.socket?.resetAndDestroy()
  if (streamed) timer = streamOut(task, fault, response, (next) => (timer = next))
  else {
    const send = (): void => {
      if (fault === 'cut' || fault === 'no-end') {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': 4_096 })
        response.write('{"id":')
        setImmediate(() => response.destroy())
        return
      }
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(fault ? '{"id":"chatcmpl-load", choices}' : whole(task))
    }
    if (task.spanMs === 0) send()
    else timer = setTimeout(send, task.spanMs)
  }
}

/** Chunk after chunk, each when it is due; late ones at once, but each in a write of its own. */
function streamOut(
  task: Task,
  fault: string | undefined,
  response: ServerResponse,
  later: (timer: NodeJS.Timeout) => void,
): NodeJS.Timeout | undefined {
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  const began = performance.now()
  const chunks = fault ? Math.floor(task.chunks / 2) : task.chunks
  let next = 0
  const end = (): void => {
    if (fault === 'cut') return void response.destroy()
    if (fault === 'broken-json') response.write('data: {"id":"chatcmpl-load", choices}\n\n')
    response.end(fault ? undefined : closing(task))
  }
  const flood = (): void => {
    while (next < chunks)
      if (!response.write(delta(pieceOf(task, next++)))) return void response.once('drain', flood)
    end()
  }
  const step = (): void => {
    response.write(delta(pieceOf(task, next++)))
    if (next >= chunks) return end()
    later(setTimeout(step, Math.max(0, began + (next * task.spanMs) / task.chunks - performance.now())))
  }
  if (task.spanMs === 0) flood()
  else step()
  return undefined
}

function whole(task: Task): string {
  const text = Array.from({ length: task.chunks }, (_, index) => pieceOf(task, index)).join('')
  return `{"id":"chatcmpl-load","object":"chat.completion","created":1700000000,"model":"gpt-4.1","choices":[{"index":0,"message":{"role":"assistant","content":${JSON.stringify(text)},"refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":${usageOf(task)}}`
}

/** The task's fault, for as many attempts as it says; forgotten with the attempt that is served. */
function faultOf({ call, fault }: Task): string | undefined {
  if (!fault) return undefined
  const before = attemptsOf.get(call) ?? 0
  if (before >= fault.attempts) {
    attemptsOf.delete(call)
    return undefined
  }
  attemptsOf.set(call, before + 1)
  faults++
  return fault.kind
}

server.on('connection', (socket) => {
  sockets++
  socket.on('close', () => sockets--)
})
server.keepAliveTimeout = 60_000
process.on('message', () => {
  process.send?.({ requests, faults, active, mostActive, sockets, givenUp } satisfies UpstreamCounts)
})
process.on('disconnect', () => process.exit(0))
// Ctrl-C is for the parent, which may have figures to ask for.
process.on('SIGINT', () => {})
server.listen({ port: 0, host: '127.0.0.1', backlog: 10_000 }, () =>
  process.send?.((server.address() as AddressInfo).port),
)
