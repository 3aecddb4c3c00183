/** The Responses dialect, for packages of vendors that speak it. A path of its own: most vendors have no use for it. */
export { responsesProtocol } from './protocol.js'
export type { ResponsesModelRules } from './model-rules.js'
export { schemaName } from './tool-names.js'
export { withStrictness } from '../json-schema.js'
