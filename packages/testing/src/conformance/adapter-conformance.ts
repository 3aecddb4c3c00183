import { answerCases } from './answer-cases.js'
import type { ConformanceCase } from './conformance-case.js'
import { failureCases } from './failure-cases.js'
import type { Fixture } from './fixture.js'
import type { MakeAdapter } from './run-attempt.js'
import { sendingCases } from './sending-cases.js'

export interface AdapterConformanceOptions {
  /** Cases that this adapter cannot pass, each with the reason that readers will see. */
  readonly skip?: readonly { readonly case: string; readonly reason: string }[]
}

/**
 * What every adapter must do, as cases for any test runner. They talk to the adapter through the `fetch` that its
 * factory is given, so no network is needed; the fixtures are answers of the provider, with their reading.
 *
 * @throws TypeError for a `skip` that names no case, and for two fixtures of one name and kind.
 * @example
 * describe('conformance', () => {
 *   for (const { name, skipped, run } of adapterConformance((options) => acme(options), fixtures)) {
 *     it.skipIf(skipped)(name, run)
 *   }
 * })
 */
export function adapterConformance(
  makeAdapter: MakeAdapter,
  fixtures: readonly Fixture[],
  { skip = [] }: AdapterConformanceOptions = {},
): readonly ConformanceCase[] {
  const cases = [answerCases, failureCases, sendingCases].flatMap((makeCases) =>
    makeCases(makeAdapter, fixtures),
  )
  const names = cases.map(({ name }) => name)
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined)
    throw new TypeError(`two cases are named "${twice}": give each fixture a name of its own`)
  const unknown = skip.find((entry) => !names.includes(entry.case))
  if (unknown)
    throw new TypeError(`skip names no case: "${unknown.case}"; the cases are: ${names.join('; ')}`)
  return cases.map((each) => {
    const reason = skip.find((entry) => entry.case === each.name)?.reason
    return reason === undefined ? each : { ...each, skipped: reason }
  })
}
