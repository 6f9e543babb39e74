import { enablePatches, produceWithPatches, type Patch } from 'immer';
import { toJson } from '../json.ts';
import { toPointer, type PatchOperation } from './patch.ts';

let patchesEnabled = false;

/** Custom state that is changed through drafts and remembers the changes as RFC 6902 operations. */
export class ImmerStateTracker<TState = unknown> {
  #state: TState;
  #operations: PatchOperation[];

  /** `earlier` are changes that `initial` holds already. */
  constructor(initial: TState, earlier: readonly PatchOperation[] = []) {
    this.#state = initial;
    this.#operations = [...earlier];
  }

  getState(): TState {
    return this.#state;
  }

  /** Applies a change; what it returns, if anything, is ignored. The draft must not be used afterwards. */
  update(change: (draft: TState) => void): TState {
    if (!patchesEnabled) enablePatches();
    patchesEnabled = true;
    const before = this.#state;
    const [after, patches] = produceWithPatches(before as object, (draft) => {
      change(draft as TState);
    });
    this.#state = after as TState;
    this.#operations.push(...patches.flatMap((patch) => toOperations(patch, before)));
    return this.#state;
  }

  /** Changes since the last reset. */
  getPatches(): readonly PatchOperation[] {
    return this.#operations;
  }

  resetPatches(): void {
    this.#operations = [];
  }
}

/** Immer shortens an array by setting its length, which JSON Patch does not know: each lost place is removed, from the end. */
function toOperations({ op, path, value }: Patch, before: unknown): PatchOperation[] {
  if (op === 'remove') return [{ op, path: toPointer(path) }];
  const parent = path.slice(0, -1);
  if (path.at(-1) !== 'length' || !Array.isArray(valueAt(before, parent))) {
    return value === undefined && op === 'replace'
      ? [{ op: 'remove', path: toPointer(path) }]
      : [{ op, path: toPointer(path), value: toJson(value) }];
  }
  const had = (valueAt(before, parent) as unknown[]).length;
  const removed = Array.from({ length: had - Number(value) }, (_, index) => had - 1 - index);
  return removed.map((index) => ({ op: 'remove', path: toPointer([...parent, index]) }));
}

function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((node, key) => (node as Record<string | number, unknown> | undefined)?.[key], root);
}
