import { untilWritersAreThrough } from '../database/until-writers-are-through.ts';
import type { ResolvedOptions } from '../store-options.ts';
import { deleteStream, deleteStragglers } from './sql/remove-chunks.ts';

/** A stream that was removed, and the position of its newest row. */
interface RemovedStream {
  readonly streamId: string;
  readonly last: number;
}

/** Removes streams so that no batch on its way survives them. */
export class StreamRemover {
  readonly #options: ResolvedOptions;
  readonly #sql;

  constructor(options: ResolvedOptions) {
    const { tables } = options;
    this.#options = options;
    this.#sql = { remove: deleteStream(tables), stragglers: deleteStragglers(tables) };
  }

  /** Resolves with the streams that there were, of this id or below it. */
  async remove(streamId: string): Promise<string[]> {
    const { database, scope } = this.#options;
    const removed = await database.once<RemovedStream>(this.#sql.remove, [scope, streamId]);
    // A batch that stood on the last row, and was not seen yet, may have others on top of it by now.
    for (let left = removed; left.length > 0;) {
      await untilWritersAreThrough(this.#options, 'streamLog');
      left = await this.#removeStragglers(left);
    }
    return removed.map((stream) => stream.streamId);
  }

  /** Resolves with those that had some. */
  async #removeStragglers(removed: readonly RemovedStream[]): Promise<RemovedStream[]> {
    const { database, scope } = this.#options;
    const had: RemovedStream[] = [];
    for (const stream of removed) {
      const values = [scope, stream.streamId, stream.last];
      const [more] = await database.repeatable<{ left: number }>(this.#sql.stragglers, values);
      if (more && more.left > 0) had.push(stream);
    }
    return had;
  }
}
