import { Coalescer } from '../batching/coalescer.ts';
import { WriteLane } from '../batching/write-lane.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { boundariesOf, type Boundary } from './boundary.ts';

/** Each that waits for a lock keeps a connection meanwhile, of which a pool may have few. */
const maxInTurn = 2;

/**
 * Sends commits at a boundary. Those that wait leave together, and none waits for a head that somebody has locked. One that was not
 * written, perhaps because of that, is sent again by itself and waits for its turn: a session to which several deliver without a pause
 * is hardly ever free by chance.
 */
export class BoundaryWriter {
  readonly #together: Coalescer<Boundary, number | null>;
  readonly #inTurn: WriteLane<Boundary>;
  #waiting = 0;

  constructor(options: ResolvedOptions) {
    this.#together = new Coalescer(new WriteLane(options, boundariesOf(options.tables)));
    this.#inTurn = new WriteLane(options, boundariesOf(options.tables, 'wait'));
  }

  /** The inbox counter of the session, or null where the commit had no effect. */
  async submit(boundary: Boundary): Promise<number | null> {
    const inbox = await this.#together.submit(boundary);
    return inbox ?? (this.#waiting < maxInTurn ? this.#sendInTurn(boundary) : null);
  }

  async #sendInTurn(boundary: Boundary): Promise<number | null> {
    this.#waiting += 1;
    try {
      return await this.#inTurn.one(boundary);
    } finally {
      this.#waiting -= 1;
    }
  }
}
