import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';

/** A server that comes back on its port with its data, however it was ended. */
export class RestartablePostgres {
  readonly #dataDir: string;
  #server: PostgresServer;

  private constructor(dataDir: string, server: PostgresServer) {
    this.#dataDir = dataDir;
    this.#server = server;
  }

  static async start(dataDir: string): Promise<RestartablePostgres> {
    const server = await startPostgres({ dataDir, durability: 'none', settings });
    return new RestartablePostgres(dataDir, server);
  }

  get port(): number {
    return this.#server.port;
  }

  get connectionString(): string {
    return this.#server.connectionString;
  }

  /** `fast` lets statements end with an error; `immediate` lets the next start recover from the log. */
  async restart(how: 'fast' | 'immediate'): Promise<void> {
    const { port } = this.#server;
    if (how === 'fast') await this.#server.stop();
    else process.kill(this.#postmaster(), 'SIGQUIT');
    await this.#server.ended;
    this.#server = await startPostgres({ dataDir: this.#dataDir, port, durability: 'none', settings });
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }

  #postmaster(): number {
    const version = readdirSync(this.#dataDir).find((name) => /^\d+$/.test(name)) ?? '';
    const pid = Number(readFileSync(join(this.#dataDir, version, 'pgdata', 'postmaster.pid'), 'utf8').split('\n')[0]);
    // To process 0 a signal would be one to ourselves.
    if (!(pid > 1)) throw new Error('the server did not tell its process');
    return pid;
  }
}

const settings = { max_connections: '150' };
