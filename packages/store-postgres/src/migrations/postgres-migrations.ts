import { HelixError } from '@helix-agents/core';
import {
  failureKind,
  isDenied,
  isMissingTable,
  isUniqueViolation,
  toHelixError,
} from '../database/postgres-failure.ts';
import { sha256 } from '../database/sha256.ts';
import { tablesOf } from '../database/tables.ts';
import { checkPort } from '../port/check-port.ts';
import type { PostgresPort } from '../port/postgres-port.ts';
import { allMigrations } from './all-migrations.ts';
import type { Migration } from './migration.ts';

/** Where the tables are made. */
export interface PostgresMigrationsOptions {
  /** Default `helix`; made where it does not exist. A role that may not make schemas needs one that is there, and its own. */
  readonly schema?: string | undefined;
}

interface Installed {
  readonly id: number;
  readonly checksum: string;
}

/**
 * Brings a database to the schema of this release. Forward only; safe to run from many processes at once, and again.
 *
 * Each migration is one transaction that also records it, under an advisory lock.
 */
export class PostgresMigrations {
  readonly #port: PostgresPort;
  readonly #schema: string;
  readonly #migrations: readonly Migration[];

  /** @throws HelixError `input_invalid` for what is no port, or a name that is no schema's */
  constructor(
    port: PostgresPort,
    options: PostgresMigrationsOptions = {},
    migrations: readonly Migration[] = allMigrations,
  ) {
    checkPort(port);
    this.#port = port;
    this.#schema = tablesOf(options.schema ?? 'helix').schema;
    this.#migrations = migrations;
  }

  /**
   * Runs what is missing and resolves with the id of the last migration.
   *
   * @throws HelixError `state_schema_mismatch` where the database is of a later release, a migration was edited after it ran, or the
   * encoding of the database cannot hold every text; `state_store_unavailable`, `state_store_denied`
   */
  async run(): Promise<{ current: number }> {
    for (;;) {
      const next = await this.#firstMissing();
      if (!next) return { current: this.#migrations.at(-1)?.id ?? 0 };
      await this.#install(next);
    }
  }

  async #firstMissing(): Promise<Migration | undefined> {
    const installed = await this.#installed();
    const known = new Map(this.#migrations.map((migration) => [migration.id, migration]));
    for (const { id, checksum } of installed) {
      const migration = known.get(id);
      if (!migration)
        throw mismatch(`database has migration ${id}, this release knows ${known.size}: upgrade the package`);
      if ((await sha256(migration.sql)) !== checksum) {
        throw mismatch(`migration ${id} (${migration.name}) is not the one that ran: restore it, add a new one`);
      }
    }
    return this.#migrations[installed.length];
  }

  /** One statement where the schema is there, as at nearly every start. */
  async #installed(): Promise<readonly Installed[]> {
    try {
      const text = `select id, checksum from "${this.#schema}".migrations order by id`;
      return (await this.#port.query({ text, values: [] })).rows as readonly Installed[];
    } catch (error) {
      if (isMissingTable(error)) return [];
      throw toHelixError(error);
    }
  }

  async #install(migration: Migration): Promise<void> {
    try {
      await this.#port.query({ text: await this.#transaction(migration), values: [] });
    } catch (error) {
      // Another process was faster: its record of the same migration stands, and nothing of ours. Or a table of the migration has
      // such a row already, which no second try would change.
      if (isUniqueViolation(error) && (await this.#isInstalled(migration))) return;
      if (failureKind(error) === 'again' && !isDenied(error)) throw toHelixError(error);
      const { message } = HelixError.from(error, 'state_schema_mismatch');
      throw mismatch(`migration ${migration.id} (${migration.name}) failed: ${message}`, error);
    }
  }

  async #isInstalled({ id }: Migration): Promise<boolean> {
    return (await this.#installed()).some((installed) => installed.id === id);
  }

  /**
   * One query of several statements: the server makes one transaction of it. The record comes first, so that one installer wins. How
   * long a statement of the role may take is meant for those of a run: a large table would never be migrated in it.
   */
  async #transaction(migration: Migration): Promise<string> {
    const schema = `"${this.#schema}"`;
    return `
set local statement_timeout = 0;
${mustHoldEveryText}
select pg_advisory_xact_lock(hashtextextended('helix migrations ${this.#schema}', 0));
do $$ begin if to_regnamespace('${this.#schema}') is null then create schema ${schema}; end if; end $$;
create table if not exists ${schema}.migrations (id int primary key, name text not null, checksum text not null,
  ran_at timestamptz not null default now());
insert into ${schema}.migrations (id, name, checksum)
values (${migration.id}, '${migration.name}', '${await sha256(migration.sql)}');
${migration.sql.replaceAll(':schema', schema)}`;
  }
}

/** Who finds out later loses a conversation in which somebody wrote an emoji. SQL_ASCII keeps bytes as they are. */
const mustHoldEveryText = `do $$ begin if current_setting('server_encoding') not in ('UTF8', 'SQL_ASCII') then
  raise 'the database has the encoding %, which cannot hold every text: use one with UTF8', current_setting('server_encoding');
end if; end $$;`;

function mismatch(message: string, cause?: unknown): HelixError {
  return new HelixError('state_schema_mismatch', message, { cause });
}
