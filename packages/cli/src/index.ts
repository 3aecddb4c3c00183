/** The command `turnout` as a function, for tests and programs that wrap it. */
export { runTurnout } from './run-turnout.js'
export type { Terminal } from './terminal.js'
