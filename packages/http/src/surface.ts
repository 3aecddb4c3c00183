/** The surfaces as one function from a request to an answer, whoever carries the two. */
import type { Gateway } from '@turnout/core'
import { anthropicErrorAnswer } from './anthropic/anthropic-error.js'
import { anthropicEndpoints } from './anthropic/endpoints.js'
import { checkSurfaceOptions } from './check-surface-options.js'
import type { Authorise, Caller, Endpoint, SurfaceAnswer, SurfaceRequest } from './exchange.js'
import { describeFailure, type Failure } from './failure.js'
import { openaiEndpoints } from './openai/endpoints.js'
import { openaiErrorAnswer } from './openai/openai-error.js'
import { createRouteTable, type Found } from './route-table.js'
import type { SurfaceFault } from './surface-fault.js'
import type { SurfaceOptions } from './surface-options.js'

/** Never rejects, save with the signal's reason once that is aborted. */
export type Surface = (request: SurfaceRequest, caller?: Caller) => Promise<SurfaceAnswer>

export interface CreateSurfaceOptions extends SurfaceOptions {
  /** Says who asks where no `caller` is given. Default: everybody may do everything. */
  readonly authorise?: Authorise
  /** More of them, such as a server's own. */
  readonly endpoints?: readonly Endpoint[]
}

const ANYBODY: Caller = { options: {}, mayUse: () => true }

const ERROR_ANSWERS: Readonly<Record<Endpoint['dialect'], (failure: Failure) => SurfaceAnswer>> = {
  openai: openaiErrorAnswer,
  anthropic: anthropicErrorAnswer,
}

/**
 * Answers requests in the words of OpenAI's and Anthropic's APIs from a gateway.
 *
 * @throws GatewayError `invalid_request` for options that are none
 * @example
 * const surface = createSurface(gateway)
 * const { status, headers, body } = await surface({ method: 'POST', path: '/v1/chat/completions', … })
 */
export function createSurface(gateway: Gateway, options: CreateSurfaceOptions = {}): Surface {
  checkSurfaceOptions(options)
  const { authorise = () => ANYBODY, endpoints = [] } = options
  const table = createRouteTable([...surfaceEndpoints(gateway, options), ...endpoints])
  return async (request, caller) => {
    const asked = askedDialect(request)
    let dialect: Endpoint['dialect'] = asked ?? 'openai'
    let allow: Readonly<Record<string, string>> | undefined
    try {
      const methods = table.find(request.path)
      const found = methods.get(request.method)
      if (!found) {
        // Another method of a known path is refused in that path's words.
        dialect = asked ?? [...methods.values()][0]?.endpoint.dialect ?? dialect
        if (methods.size === 0) throw unknownPath(request)
        allow = { allow: [...methods.keys()].join(', ') }
        throw wrongMethod(request, methods)
      }
      const { endpoint, params } = found
      dialect = asked ?? endpoint.dialect
      const asking = caller ?? (await authorise(request, endpoint))
      if (request.method === 'POST') checkContentType(request)
      return await endpoint.handle(request, asking, params)
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      const answer = ERROR_ANSWERS[dialect](describeFailure(error, options))
      return allow ? { ...answer, headers: { ...answer.headers, ...allow } } : answer
    }
  }
}

/** Every endpoint of the surfaces. */
export const surfaceEndpoints = (gateway: Gateway, options: SurfaceOptions): readonly Endpoint[] => [
  ...openaiEndpoints(gateway, options),
  ...anthropicEndpoints(gateway, options),
]

/** Some paths are both vendors', and those that nobody has are asked for too: their clients still want to read why. */
const askedDialect = (request: SurfaceRequest): 'anthropic' | undefined =>
  request.header('anthropic-version') === undefined ? undefined : 'anthropic'

function checkContentType(request: SurfaceRequest): void {
  const given = request.header('content-type')
  if (given === 'application/json') return
  const type = given?.split(';', 1)[0]?.trim().toLowerCase()
  if (type === 'application/json') return
  // Also what keeps the forms of other people's web pages out.
  throw fault(415, 'content-type: must be application/json')
}

const unknownPath = ({ path }: SurfaceRequest): SurfaceFault =>
  fault(
    404,
    `nothing is served at this path${path.startsWith('/v1/') ? '' : '; the base URL of OpenAI clients ends in /v1'}`,
  )

const wrongMethod = ({ method }: SurfaceRequest, methods: ReadonlyMap<string, Found>): SurfaceFault =>
  fault(
    405,
    `${/^[A-Z]{1,16}$/.test(method) ? method : 'this method'} is not for this path; use ${[...methods.keys()].join(' or ')}`,
  )

const fault = (status: SurfaceFault['status'], message: string): SurfaceFault => ({
  fault: true,
  status,
  message,
})
