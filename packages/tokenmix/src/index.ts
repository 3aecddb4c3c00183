export { tokenmix } from './tokenmix.js'
export type { TokenMixOptions } from './tokenmix.js'
