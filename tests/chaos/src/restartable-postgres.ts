import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import { postmasterOf } from './postmaster-of.ts';

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
    else process.kill(postmasterOf(this.#dataDir), 'SIGQUIT');
    await this.#server.ended;
    this.#server = await startPostgres({ dataDir: this.#dataDir, port, durability: 'none', settings });
  }

  async stop(): Promise<void> {
    await this.#server.stop();
  }
}

const settings = { max_connections: '150' };
