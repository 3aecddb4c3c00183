import type { Schema } from './schema.js'

/** The entry is kept whole, as JSON; the columns beside it are for finding it. */
export const LEDGER_SCHEMA: Schema = {
  part: 'ledger',
  migrations: [
    `CREATE TABLE turnout_ledger (
     id TEXT PRIMARY KEY NOT NULL,
     at REAL NOT NULL,
     provider TEXT NOT NULL,
     model TEXT NOT NULL,
     route TEXT,
     tenant TEXT,
     entry TEXT NOT NULL
   );
   CREATE INDEX turnout_ledger_at ON turnout_ledger (at);
   CREATE INDEX turnout_ledger_tenant ON turnout_ledger (tenant, at);
   CREATE INDEX turnout_ledger_model ON turnout_ledger (provider, model, at);`,
  ],
}
