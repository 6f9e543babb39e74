import type { Ids } from '../ports/ports.ts';

/** Ids that a test can foresee: `run_1`, `run_2`, `call_1`, ...; each prefix counts on its own. */
export function sequentialIds(): Ids {
  const counts = new Map<string, number>();
  return {
    next: (prefix) => {
      const count = (counts.get(prefix) ?? 0) + 1;
      counts.set(prefix, count);
      return `${prefix}_${count}`;
    },
  };
}
