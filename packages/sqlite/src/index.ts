/** Turnout's account and its dead letters in a file. */
export { sqliteLedger } from './sqlite-ledger.js'
export type { SqliteLedger, SqliteLedgerOptions } from './sqlite-ledger.js'
export { sqliteDeadLetters } from './sqlite-dead-letters.js'
export type { SqliteDeadLetters, SqliteDeadLettersOptions } from './sqlite-dead-letters.js'
export type { SqliteEngine } from './open-database.js'
