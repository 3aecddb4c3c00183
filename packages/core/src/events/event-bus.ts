import { invalidRequest, unknownOption } from '../contract/describe-issue.js'
import type { GatewayEvent, GatewayEventName, GatewayEvents } from '../contract/gateway-event.js'
import { settleQuietly } from './settle-quietly.js'

export type GatewayListener<Name extends GatewayEventName> = (
  event: { readonly type: Name } & GatewayEvents[Name],
) => void
/** Hears every event. */
export type AnyListener = (event: GatewayEvent) => void

export interface EventBus {
  /**
   * Returns the removal. A listener that throws is reported to `onListenerError` and disturbs nobody.
   * @throws GatewayError `invalid_request` for an event that does not exist, or a listener that is no function.
   */
  on<Name extends GatewayEventName>(name: Name, listener: GatewayListener<Name>): () => void
  on(name: '*', listener: AnyListener): () => void
  /** Whether anybody would hear it: for what costs something before there is a payload. */
  hears(name: GatewayEventName): boolean
  /** `payload` is only built when somebody listens. */
  emit<Name extends GatewayEventName>(name: Name, payload: () => GatewayEvents[Name]): void
}

type Listener = (event: never) => unknown

const EVENT_NAMES = {
  'request-start': true,
  'attempt-start': true,
  'attempt-end': true,
  'breaker-open': true,
  'breaker-half-open': true,
  'breaker-close': true,
  cooldown: true,
  'health-change': true,
  'budget-alert': true,
  'pressure-change': true,
  'queue-shed': true,
  'limit-reached': true,
  'experiment-arm-stopped': true,
  recovered: true,
  warning: true,
  'request-end': true,
  '*': true,
} as const satisfies Record<GatewayEventName | '*', true>

export function createEventBus(onListenerError: (error: unknown, event: string) => void): EventBus {
  /** Registrations, so that one function may be registered twice and each removal removes its own. */
  const listeners = new Map<string, Set<{ readonly listener: Listener }>>()

  const tell = (name: string, type: string, event: object): void => {
    const registered = listeners.get(name)
    if (!registered) return
    for (const { listener } of [...registered]) {
      settleQuietly(
        () => listener(event as never),
        (error) => {
          onListenerError(error, type)
        },
      )
    }
  }

  const hears = (name: GatewayEventName): boolean => listeners.has(name) || listeners.has('*')

  return {
    on(name: unknown, listener: Listener) {
      if (typeof name !== 'string' || !Object.hasOwn(EVENT_NAMES, name)) {
        throw invalidRequest('event', unknownOption(String(name), Object.keys(EVENT_NAMES)))
      }
      if (typeof listener !== 'function') throw invalidRequest('listener', 'must be a function')
      const registration = { listener }
      const registered = listeners.get(name) ?? new Set()
      listeners.set(name, registered.add(registration))
      return () => {
        registered.delete(registration)
        if (registered.size === 0 && listeners.get(name) === registered) listeners.delete(name)
      }
    },
    hears,
    emit(name, payload) {
      if (!hears(name)) return
      const event = { type: name, ...payload() }
      tell(name, name, event)
      tell('*', name, event)
    },
  }
}
