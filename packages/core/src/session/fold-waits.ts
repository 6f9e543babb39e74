import type { ChildChange, ChildRecord, WaitChange, WaitRecord } from './wait.ts';

/** In order: what one commit opens it may also close, where everything about it was known at once. */
export function foldWaits(waits: readonly WaitRecord[], changes: readonly WaitChange[]): readonly WaitRecord[] {
  return changes.reduce<readonly WaitRecord[]>(
    (open, change) =>
      change.op === 'open' ? [...open, change.wait] : open.filter(({ waitId }) => waitId !== change.waitId),
    waits,
  );
}

export function foldChildren(
  children: readonly ChildRecord[],
  changes: readonly ChildChange[],
): readonly ChildRecord[] {
  return changes.reduce<readonly ChildRecord[]>(
    (alive, change) =>
      change.op === 'add'
        ? [...alive, change.child]
        : alive.filter(({ delegationId }) => delegationId !== change.delegationId),
    children,
  );
}
