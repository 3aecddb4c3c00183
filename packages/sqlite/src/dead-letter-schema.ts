import type { Schema } from './schema.js'

/** The letter is kept whole, as JSON of so many `bytes`; later letters have later places. */
export const DEAD_LETTER_SCHEMA: Schema = {
  part: 'dead letter store',
  migrations: [
    `CREATE TABLE turnout_dead_letters (
       place INTEGER PRIMARY KEY,
       id TEXT UNIQUE NOT NULL,
       expires_at REAL NOT NULL,
       model TEXT NOT NULL,
       tenant TEXT,
       code TEXT NOT NULL,
       bytes INTEGER NOT NULL,
       letter TEXT NOT NULL
     );
     CREATE INDEX turnout_dead_letters_bytes ON turnout_dead_letters (place, bytes);
     CREATE INDEX turnout_dead_letters_expiry ON turnout_dead_letters (expires_at);`,
  ],
}
