import type { StreamWriter } from '../../contracts/stream-manager.ts';
import { HelixError } from '../../errors/helix-error.ts';
import type { LeaseGuard } from '../lease/lease-guard.ts';

/** An owner that may have lost its lease writes no chunk (S15): it waits until it knows, and then is fenced or goes on. */
export function underLease(writer: StreamWriter, lease: LeaseGuard): StreamWriter {
  return {
    get startSequence() {
      return writer.startSequence;
    },
    append: (batchNo, chunks) => {
      if (lease.mayStartEffect()) return writer.append(batchNo, chunks);
      return lease.untilSafe().then(() => writer.append(batchNo, chunks), fenced);
    },
  };
}

function fenced(cause: unknown): never {
  throw new HelixError('stream_fenced', 'the lease of this writer has ended', { cause });
}
