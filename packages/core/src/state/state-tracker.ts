import { enablePatches, isDraft, produceWithPatches, type Patch } from 'immer';
import { HelixError } from '../errors/helix-error.ts';
import { freezeDeep } from '../values/freeze-deep.ts';
import { toPointer, type PatchOperation } from './patch.ts';
import { stateValue } from './state-value.ts';

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

  /**
   * Applies a change to a draft, which must not be used afterwards. What it returns is ignored, as of `(draft) => draft.n = 1` or
   * `(draft) => draft.list.push(1)`; but an object that could only be meant to stand in the state's place is refused.
   *
   * @throws HelixError `input_invalid` for such an object, a promise, and a value that JSON cannot hold, naming its path: then nothing
   *   has changed
   */
  update(change: (draft: TState) => unknown): TState {
    if (!patchesEnabled) enablePatches();
    patchesEnabled = true;
    const before = this.#state;
    const returned: object[] = [];
    const [after, patches] = produceWithPatches(before as object, (draft) => {
      const made = change(draft as TState);
      if (!isObject(made) || isDraft(made)) return;
      returned.push(made);
      // What an async change does later fails, and must not end the process.
      if (made instanceof Promise) made.catch(() => {});
    });
    const operations = patches.flatMap((patch) => toOperations(patch, before));
    for (const made of returned) refuseReplacement(made, after, patches);
    this.#state = after as TState;
    this.#operations.push(...operations);
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

/** What a change means for the state as JSON. There a member that is `undefined` is not there, and in an array it is `null`. */
function toOperations({ op, path, value }: Patch, before: unknown): PatchOperation[] {
  if (Array.isArray(valueAt(before, path.slice(0, -1)))) {
    return [
      op === 'remove' ? { op, path: toPointer(path) } : { op, path: toPointer(path), value: stateValue(value, path) },
    ];
  }
  const was = valueAt(before, path) !== undefined;
  const is = op !== 'remove' && value !== undefined;
  if (is) return [{ op: was ? 'replace' : 'add', path: toPointer(path), value: stateValue(value, path) }];
  return was ? [{ op: 'remove', path: toPointer(path) }] : [];
}

/** Would be lost, and nobody would know. What an assignment returns is part of the state by now, mostly where it was assigned. */
function refuseReplacement(returned: object, after: unknown, patches: readonly Patch[]): void {
  if (isListOfMethod(returned, after, patches)) return;
  if (patches.some(({ path }) => holds(valueAt(after, path), returned)) || holds(after, returned)) return;
  const what = returned instanceof Promise ? 'a promise' : 'an object that is no part of the state';
  const problem = `a change of the state returned ${what}: it must change the draft at once, and return nothing`;
  throw new HelixError('input_invalid', problem);
}

/** `splice` and `map` return a list, also where they changed nothing: none that could stand in the place of an object. */
function isListOfMethod(returned: object, after: unknown, patches: readonly Patch[]): boolean {
  return Array.isArray(returned) && (!Array.isArray(after) || patches.length > 0);
}

function holds(node: unknown, wanted: object): boolean {
  return node === wanted || (isObject(node) && Object.values(node).some((member) => holds(member, wanted)));
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
