import { createPgAdapter, PostgresStateStore, PostgresStreamManager } from '@helix-agents/store-postgres';
import pg from 'pg';
import { BreakableNetwork } from '../breakable-network.ts';
import { RunReader, type ReadingRequest } from './run-reader.ts';
import { storeTimeouts } from './soak-limits.ts';

/** How long a reader may take once its session is at rest: what died with a writer is waited for. */
const endMs = 15_000;

/** Those who only read, behind a network of their own. */
export class SoakReaders {
  readonly network: BreakableNetwork;
  readonly #pool: pg.Pool;
  readonly #from: { readonly stateStore: PostgresStateStore; readonly streamManager: PostgresStreamManager };
  readonly #stop = new AbortController();
  readonly #known = new Set<string>();
  readonly #reading: Promise<RunReader>[] = [];

  private constructor(network: BreakableNetwork) {
    this.network = network;
    this.#pool = new pg.Pool({ connectionString: network.connectionString, max: 8 });
    const options = { port: createPgAdapter(this.#pool), ...storeTimeouts };
    this.#from = { stateStore: new PostgresStateStore(options), streamManager: new PostgresStreamManager(options) };
  }

  static async open(connectionString: string): Promise<SoakReaders> {
    return new SoakReaders(await BreakableNetwork.to(connectionString));
  }

  /** Reads a run from its start, once; every third reader leaves and comes back. */
  follow(request: Omit<ReadingRequest, 'after' | 'reconnects'>, startOf: () => Promise<number>): void {
    if (this.#known.has(request.runId)) return;
    this.#known.add(request.runId);
    const reconnects = this.#known.size % 3 === 0 ? 6 : 0;
    const read = (after: number) =>
      new RunReader({ ...request, after, reconnects }).read(this.#from, this.#stop.signal);
    this.#reading.push(startOf().then(read));
  }

  /** Once the sessions are at rest. */
  async done(): Promise<RunReader[]> {
    const late = setTimeout(() => this.#stop.abort(), endMs);
    const readers = await Promise.all(this.#reading);
    clearTimeout(late);
    return readers;
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#from.stateStore.close();
    this.#from.streamManager.close();
    await this.#pool.end();
    await this.network.close();
  }
}
