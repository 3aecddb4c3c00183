/**
 * What stands between the clients and the upstream, in a process of its own: a bare proxy of node:http, or Turnout's server.
 * Says its port; asked for its CPU, says that.
 */
import { Agent, createServer, request as ask } from 'node:http'
import type { AddressInfo } from 'node:net'
import { serve } from '@turnout/http'
import { gatewayTo } from './clients.js'

export type FrontName = 'proxy' | 'turnout'

export interface FrontArguments {
  readonly name: FrontName
  /** Of the upstream. */
  readonly port: number
}

const { name, port } = JSON.parse(process.argv[2] ?? '{}') as FrontArguments

/** The least that a hop can be: bytes are handed on as they come. */
async function startProxy(): Promise<number> {
  const agent = new Agent({ keepAlive: true })
  const server = createServer((incoming, outgoing) => {
    const { method, url: path, headers } = incoming
    const upstream = ask({ host: '127.0.0.1', port, agent, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    upstream.on('error', () => outgoing.destroy())
    outgoing.on('close', () => {
      if (!outgoing.writableFinished) upstream.destroy()
    })
    incoming.pipe(upstream)
  })
  await new Promise<void>((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1_024 }, resolve)
  })
  return (server.address() as AddressInfo).port
}

/**
 * Whole answers are asked for as such, as the proxy does: a limit for the first token, which the other loads set, would
 * make the gateway ask for a stream and put it together.
 */
const timeout = { connectMs: 300_000, idleMs: 300_000, totalMs: 300_000 }
const startTurnout = async (): Promise<number> =>
  (await serve(gatewayTo(port, { defaults: { timeout } }), { port: 0 })).port

const started = name === 'proxy' ? await startProxy() : await startTurnout()

process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ cpuUs: user + system, rssMb: process.memoryUsage.rss() / 1e6 })
})
process.on('disconnect', () => process.exit(0))
process.send?.(started)
