/** The surfaces as one function from a request to an answer, whoever carries the two. */
import type { Gateway } from '@turnout/core'
import type { Caller, Endpoint, SurfaceAnswer, SurfaceRequest } from './exchange.js'
import { describeFailure, type Failure } from './failure.js'
import { openaiEndpoints } from './openai/endpoints.js'
import { openaiErrorAnswer } from './openai/openai-error.js'
import { createRouteTable, type Found } from './route-table.js'
import type { SurfaceFault } from './surface-fault.js'
import type { SurfaceOptions } from './surface-options.js'

/** Never rejects, save with the signal's reason once that is aborted. */
export type Surface = (request: SurfaceRequest, caller?: Caller) => Promise<SurfaceAnswer>

const ANYBODY: Caller = { options: {}, mayUse: () => true }

const ERROR_ANSWERS: Readonly<Record<Endpoint['dialect'], (failure: Failure) => SurfaceAnswer>> = {
  openai: openaiErrorAnswer,
  anthropic: openaiErrorAnswer,
}

/**
 * Answers requests in the words of OpenAI's and Anthropic's APIs from a gateway.
 * @example
 * const surface = createSurface(gateway)
 * const { status, headers, body } = await surface({ method: 'POST', path: '/v1/chat/completions', … })
 */
export function createSurface(gateway: Gateway, options: SurfaceOptions = {}): Surface {
  const table = createRouteTable(openaiEndpoints(gateway, options))
  return async (request, caller = ANYBODY) => {
    let dialect: Endpoint['dialect'] = guessedDialect(request)
    let allow: Readonly<Record<string, string>> | undefined
    try {
      const methods = table.find(request.path)
      const found = methods.get(request.method)
      // Another method of a known path is refused in that path's words.
      dialect = [...methods.values()][0]?.endpoint.dialect ?? dialect
      if (!found) {
        if (methods.size === 0) throw unknownPath(request)
        allow = { allow: [...methods.keys()].join(', ') }
        throw wrongMethod(request, methods)
      }
      if (request.method === 'POST') checkContentType(request)
      return await found.endpoint.handle(request, caller, found.params)
    } catch (error) {
      if (request.signal?.aborted) throw request.signal.reason
      const answer = ERROR_ANSWERS[dialect](describeFailure(error, options))
      return allow ? { ...answer, headers: { ...answer.headers, ...allow } } : answer
    }
  }
}

/** For paths that nobody has: their clients still want to read why. */
const guessedDialect = (request: SurfaceRequest): Endpoint['dialect'] =>
  request.header('anthropic-version') === undefined ? 'openai' : 'anthropic'

function checkContentType(request: SurfaceRequest): void {
  const type = request.header('content-type')?.split(';', 1)[0]?.trim().toLowerCase()
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
