/** One play of one client in a process of its own: `play.js '{"port":…,"client":"turnout","streams":{…}}'`. */
import { playAborts, type AbortsPlan, type AbortsResult } from './aborts.js'
import { bareClient, limitedTo, turnoutClient, type ClientName } from './clients.js'
import { playClosing, type ClosingResult } from './closing.js'
import { playHotPath, type HotPathPlan, type HotPathResult } from './hot-path.js'
import { playOverload, type OverloadPlan, type OverloadResult } from './overload.js'
import { playSlowReaders, type SlowPlan, type SlowResult } from './slow-readers.js'
import { playStreams, type StreamsPlan, type StreamsResult } from './streams.js'

export interface Plays {
  readonly streams: { readonly plan: StreamsPlan; readonly result: StreamsResult }
  readonly slow: { readonly plan: SlowPlan; readonly result: SlowResult }
  readonly aborts: { readonly plan: AbortsPlan; readonly result: AbortsResult }
  readonly overload: { readonly plan: OverloadPlan; readonly result: OverloadResult }
  readonly hot: { readonly plan: HotPathPlan; readonly result: HotPathResult }
  readonly closing: { readonly plan: null; readonly result: ClosingResult }
}
export type PlayName = keyof Plays
export interface PlayArguments<Name extends PlayName = PlayName> {
  readonly name: Name
  readonly client: ClientName
  readonly port: number
  readonly plan: Plays[Name]['plan']
}

const { name, client: clientName, port, plan } = JSON.parse(process.argv[2] ?? '') as PlayArguments

if (name === 'closing') process.send?.(await playClosing(port))
else if (name === 'overload') process.send?.(await playOverload(port, plan as OverloadPlan))
else if (name === 'hot') process.send?.(await playHotPath(plan as HotPathPlan))
else {
  const queued = name === 'streams' && (plan as StreamsPlan).queued ? (plan as StreamsPlan) : undefined
  const client =
    clientName === 'bare'
      ? bareClient(port)
      : turnoutClient(port, queued && limitedTo(queued.inFlight, queued.calls))
  if (name === 'slow') process.send?.(await playSlowReaders(client, plan as SlowPlan))
  else if (name === 'aborts') process.send?.(await playAborts(port, plan as AbortsPlan))
  else {
    const places = queued && clientName === 'turnout' ? queued.calls : undefined
    process.send?.(await playStreams(client, plan as StreamsPlan, places))
  }
  await client.close()
}
