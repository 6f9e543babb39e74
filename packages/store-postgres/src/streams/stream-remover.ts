import { untilWritersAreThrough } from '../database/until-writers-are-through.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { deleteStream, deleteStragglers } from './sql/remove-chunks.ts';

/** Removes a stream so that no batch on its way survives it. */
export class StreamRemover {
  readonly #options: ResolvedOptions;
  readonly #sql;

  constructor(options: ResolvedOptions) {
    const { tables } = options;
    this.#options = options;
    this.#sql = { remove: deleteStream(tables), stragglers: deleteStragglers(tables) };
  }

  async remove(streamId: string): Promise<void> {
    const { database, scope } = this.#options;
    const [removed] = await database.once<{ last: number | null }>(this.#sql.remove, [scope, streamId]);
    const last = removed?.last ?? null;
    if (last === null) return;
    // A batch that stood on the last row, and was not seen yet, may have others on top of it by now.
    for (let left = 1; left > 0;) {
      await untilWritersAreThrough(this.#options, 'streamLog');
      const [more] = await database.repeatable<{ left: number }>(this.#sql.stragglers, [scope, streamId, last]);
      left = more?.left ?? 0;
    }
  }
}
