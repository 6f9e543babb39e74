import { enablePatches, produceWithPatches, type Patch } from 'immer';
import { freezeDeep } from '../freeze-deep.ts';
import { toJson } from '../json.ts';
import { toPointer, type PatchOperation } from './patch.ts';

let patchesEnabled = false;

/** Custom state that is changed through drafts and remembers the changes as RFC 6902 operations. */
export class ImmerStateTracker<TState = unknown> {
  #state: TState;
  #operations: PatchOperation[];

  /** `earlier` are changes that `initial` holds already. */
  constructor(initial: TState, earlier: readonly PatchOperation[] = []) {
    this.#state = freezeDeep(initial);
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

/**
 * What a change means for the state as JSON. There a member that is `undefined` is not there, and in an array it is `null`. Immer
 * shortens an array by setting its length, which JSON Patch does not know: each lost place is removed, from the end.
 */
function toOperations({ op, path, value }: Patch, before: unknown): PatchOperation[] {
  const parent = valueAt(before, path.slice(0, -1));
  if (Array.isArray(parent)) {
    if (path.at(-1) === 'length') return shorten(path.slice(0, -1), parent.length, Number(value));
    return [op === 'remove' ? { op, path: toPointer(path) } : { op, path: toPointer(path), value: toJson(value) }];
  }
  const was = !isAbsent(valueAt(before, path));
  const is = op !== 'remove' && !isAbsent(value);
  if (is) return [{ op: was ? 'replace' : 'add', path: toPointer(path), value: toJson(value) }];
  return was ? [{ op: 'remove', path: toPointer(path) }] : [];
}

function shorten(path: readonly (string | number)[], from: number, to: number): PatchOperation[] {
  const removed = Array.from({ length: from - to }, (_, index) => from - 1 - index);
  return removed.map((index) => ({ op: 'remove', path: toPointer([...path, index]) }));
}

/** What JSON leaves out of an object. */
function isAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'function' || typeof value === 'symbol';
}

function valueAt(root: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (node, key) => (isObject(node) && Object.hasOwn(node, key) ? node[key] : undefined),
    root,
  );
}

function isObject(value: unknown): value is Record<string | number, unknown> {
  return typeof value === 'object' && value !== null;
}
