/** One promise to one client package; docs/compatibility.md lists them by the names given here. */
import { createGateway, type Gateway, type GatewayOptions } from '@turnout/core'
import { mockAdapter, type MockAdapter, type MockReply, type Script } from '@turnout/testing'
import type { Emulator, EmulatorOptions } from '@turnout/testing/emulators'
import { expect, it } from 'vitest'

export interface Stage {
  /** A gateway over a scripted provider, closed when the scenario ends. */
  scripted(
    script?: Script<MockReply>,
    options?: Omit<GatewayOptions, 'providers'>,
  ): { readonly mock: MockAdapter; readonly gateway: Gateway }
  over(options: GatewayOptions): { readonly gateway: Gateway }
  emulated(
    start: (options: EmulatorOptions) => Promise<Emulator>,
    options: EmulatorOptions,
  ): Promise<Emulator>
}

export const MODEL = 'mock/some-model'

/** @param client the package as users name it; @param what the promise, as a row of the table */
export function scenario(client: string, what: string, body: (stage: Stage) => Promise<void>): void {
  it(`${client}: ${what}`, async () => {
    expect.hasAssertions()
    const closers: (() => Promise<void>)[] = []
    const over: Stage['over'] = (options) => {
      const gateway = createGateway(options)
      closers.push(() => gateway.close({ drainMs: 0 }))
      return { gateway }
    }
    try {
      await body({
        over,
        scripted(script, { defaults, ...rest } = {}) {
          const mock = mockAdapter(script)
          return {
            mock,
            ...over({ ...rest, providers: { mock }, defaults: { maxAttempts: 1, ...defaults } }),
          }
        },
        async emulated(start, options) {
          const server = await start(options)
          closers.push(() => server.close())
          return server
        },
      })
    } finally {
      for (const close of closers.toReversed()) await close()
    }
  })
}
