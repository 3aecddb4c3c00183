/** The part of it that is used; it brings no types. */
declare module 'autocannon' {
  export interface Result {
    readonly requests: { readonly average: number; readonly total: number }
    /** In milliseconds. */
    readonly latency: { readonly p50: number; readonly p99: number; readonly average: number }
    readonly errors: number
    readonly timeouts: number
    readonly non2xx: number
    readonly '2xx': number
  }
  export default function autocannon(options: {
    readonly url: string
    readonly connections: number
    /** In seconds. */
    readonly duration: number
    readonly method: 'POST'
    readonly headers: Readonly<Record<string, string>>
    readonly body: string
  }): Promise<Result>
}
