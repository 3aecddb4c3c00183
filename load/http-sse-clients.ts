/** Many clients that read a stream each, in a process of their own: node:http and nothing else. */
import { createHash } from 'node:crypto'
import { Agent, request as ask } from 'node:http'
import { hashOf, type Task } from './task.js'
import { requestOf } from './clients.js'

export interface SseArguments {
  readonly port: number
  readonly streams: number
  readonly chunks: number
  readonly spanMs: number
}

export interface SseResult {
  /** With the whole text, and the mark of its end. */
  readonly complete: number
  readonly wrong: number
  readonly failed: number
  readonly firstError: string | null
  /** The most that were open at a time. */
  readonly mostOpen: number
  readonly firstByteMs: readonly number[]
}

const { port, streams, chunks, spanMs } = JSON.parse(process.argv[2] ?? '{}') as SseArguments
const agent = new Agent({ keepAlive: false, maxSockets: Infinity })
const firstByteMs: number[] = []
let open = 0
let mostOpen = 0

function read(task: Task): Promise<boolean> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const request = ask(
      {
        host: '127.0.0.1',
        port,
        agent,
        method: 'POST',
        path: '/v1/chat/completions',
        headers: { 'content-type': 'application/json', authorization: 'Bearer load' },
      },
      (response) => {
        mostOpen = Math.max(mostOpen, ++open)
        firstByteMs.push(performance.now() - began)
        const hash = createHash('sha256')
        let rest = ''
        let isDone = false
        response.setEncoding('utf8')
        response.on('data', (text: string) => {
          const lines = (rest + text).split('\n')
          rest = lines.pop() ?? ''
          for (const line of lines) {
            if (line === 'data: [DONE]') isDone = true
            else if (line.startsWith('data: ')) hash.update(contentOf(line.slice('data: '.length)))
          }
        })
        response.on('error', reject)
        response.on('close', () => {
          open--
          if (!response.complete) reject(new Error('the connection was cut'))
          else resolve(response.statusCode === 200 && isDone && hash.digest('hex') === hashOf(task))
        })
      },
    )
    request.on('error', reject)
    request.end(JSON.stringify({ ...requestOf(task), stream: true }))
  })
}

function contentOf(data: string): string {
  const chunk = JSON.parse(data) as {
    readonly choices: readonly { readonly delta: { readonly content?: string | null } }[]
  }
  return chunk.choices[0]?.delta.content ?? ''
}

const settled = await Promise.allSettled(
  Array.from({ length: streams }, (_, call) => read({ call, chunks, spanMs })),
)
const failures = settled.filter((one) => one.status === 'rejected')
const answered = settled.filter((one) => one.status === 'fulfilled')
const result: SseResult = {
  complete: answered.filter(({ value }) => value).length,
  wrong: answered.filter(({ value }) => !value).length,
  failed: failures.length,
  firstError: failures[0] ? String(failures[0].reason) : null,
  mostOpen,
  firstByteMs,
}
process.send?.(result, () => process.exit(0))
