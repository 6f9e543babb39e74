import { sql, type Sql } from '../../database/sql.ts';
import type { Tables } from '../../database/tables.ts';

/**
 * Where a stream stands, and the last sequence of a writer's batch where it is there. No row: the stream was deleted.
 *
 * $1 scope, $2 stream, $3 position after which to look, $4 writer, $5 batch number
 */
export function findBatch(t: Tables): Sql {
  return sql(
    t,
    'find_batch',
    `select position, epoch, attempt, (
  select last_sequence from ${t.streamLog}
  where scope = $1 and stream_id = $2 and position > $3 and writer = $4 and batch_no = $5 limit 1
) as "batchEnd"
from ${t.streamLog} where scope = $1 and stream_id = $2 order by position desc limit 1`,
  );
}
