import type { GatewayEvent, GatewayEventName, GatewayEvents } from '../contract/gateway-event.js'

export type GatewayListener<Name extends GatewayEventName> = (
  event: { readonly type: Name } & GatewayEvents[Name],
) => void
/** Hears every event. */
export type AnyListener = (event: GatewayEvent) => void

export interface EventBus {
  /** Returns the removal. A listener that throws is reported to `onListenerError` and disturbs nobody. */
  on<Name extends GatewayEventName>(name: Name, listener: GatewayListener<Name>): () => void
  on(name: '*', listener: AnyListener): () => void
  /** `payload` is only built when somebody listens. */
  emit<Name extends GatewayEventName>(name: Name, payload: () => GatewayEvents[Name]): void
}

export function createEventBus(onListenerError: (error: unknown, event: string) => void): EventBus {
  const listeners = new Map<string, Set<(event: never) => unknown>>()

  const call = (listener: (event: never) => unknown, event: object, name: string): void => {
    try {
      const result = listener(event as never)
      // An async listener's rejection must not become an unhandled one in the host.
      if (result instanceof Promise)
        result.catch((error: unknown) => {
          onListenerError(error, name)
        })
    } catch (error) {
      onListenerError(error, name)
    }
  }

  return {
    on(name: string, listener: (event: never) => unknown) {
      let set = listeners.get(name)
      if (!set) listeners.set(name, (set = new Set()))
      set.add(listener)
      return () => {
        set.delete(listener)
        if (set.size === 0) listeners.delete(name)
      }
    },
    emit(name, payload) {
      if (listeners.size === 0) return
      const named = listeners.get(name)
      const any = listeners.get('*')
      if (!named && !any) return
      const event = { type: name, ...payload() }
      if (named) for (const listener of [...named]) call(listener, event, name)
      if (any) for (const listener of [...any]) call(listener, event, name)
    },
  }
}
