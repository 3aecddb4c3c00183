/** The configuration of a gateway as a document: loaded, checked to the line, watched. */
export { parseConfig } from './parse-config.js'
export { loadConfig } from './load-config.js'
export type { LoadOptions } from './load-config.js'
export { watchConfig } from './watch-config.js'
export type { WatchOptions } from './watch-config.js'
export { storeSource } from './store-source.js'
export type { StoreSourceOptions } from './store-source.js'
export { followConfig } from './follow-config.js'
export type { FollowOptions } from './follow-config.js'
export { serverOf } from './server-section.js'
export { placeOf } from './config-error.js'
export type { ConfigPlace } from './config-error.js'
export type { ConfigListener, ConfigSource } from './config-source.js'
export type { TextPlace } from './text-place.js'
export type {
  AdapterFactory,
  AdapterRegistry,
  ConfigFormat,
  GatewayConfig,
  ParseOptions,
  ReadOptions,
  ResolveSecret,
} from './gateway-config.js'
