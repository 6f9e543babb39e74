import type { TestContext } from 'vitest';
import type { Opened } from './backend.ts';

/** The way to move the store's clock, or the end of the test. */
export function timeTravel(opened: Opened, skip: TestContext['skip']): (ms: number) => Promise<void> {
  const backend = opened();
  if (!backend.advance) skip('nobody can move the clock of this backend');
  return async (ms) => {
    await backend.advance?.(ms);
  };
}
