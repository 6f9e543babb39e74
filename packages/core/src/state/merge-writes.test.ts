// Would catch: siblings that lose each other's writes, or a merge that depends on which of them was faster.
import { describe, expect, it } from 'vitest';
import type { Json } from '../values/json.ts';
import { mergeWrites, type StateReducers } from './merge-writes.ts';
import { applyPatch, type PatchOperation } from './patch.ts';
import { ImmerStateTracker } from './state-tracker.ts';

type State = Record<string, never>;

/** The state after writers that each saw only the base, merged in order. */
function merged(base: Json, reducers: StateReducers, ...writers: ((draft: Record<string, never>) => void)[]): Json {
  const writes = writers.map((write): readonly PatchOperation[] => {
    const tracker = new ImmerStateTracker<State>(base as State);
    tracker.update(write);
    return tracker.getPatches();
  });
  return applyPatch(base, mergeWrites(base, writes, reducers));
}

const set = (field: string, value: Json) => (draft: Record<string, Json>) => void (draft[field] = value);
const push = (field: string, value: Json) => (draft: Record<string, Json[]>) => void draft[field]?.push(value);
const inObject = (field: string, key: string, value: Json) => (draft: Record<string, Record<string, Json>>) =>
  void ((draft[field] ??= {})[key] = value);

const remove = (field: string, key: string) => (draft: Record<string, Record<string, Json>>) =>
  void delete draft[field]?.[key];

describe('writes of siblings', () => {
  it.each<[string, Json, StateReducers, ((draft: never) => void)[], Json]>([
    ['to different fields are all kept', { a: 1, b: 1 }, {}, [set('a', 2), set('b', 3)], { a: 2, b: 3 }],
    ['to one field: the later call wins', { a: 1 }, {}, [set('a', 2), set('a', 3)], { a: 3 }],
    [
      'append what each added',
      { l: [0] },
      { l: 'append' },
      [push('l', 1), push('l', 2), push('l', 3)],
      { l: [0, 1, 2, 3] },
    ],
    ['append to a list that was not there', {}, { l: 'append' }, [set('l', [1]), set('l', [2])], { l: [1, 2] }],
    [
      'merge the members that each changed',
      { o: { x: 1, y: 1 } },
      { o: 'merge' },
      [inObject('o', 'x', 2), inObject('o', 'y', 3)],
      { o: { x: 2, y: 3 } },
    ],
    [
      'merge without the members that one of them removed, in whatever order',
      { o: { x: 1, y: 1, z: 1 } },
      { o: 'merge' },
      [remove('o', 'x'), inObject('o', 'a', 2), remove('o', 'z')],
      { o: { y: 1, a: 2 } },
    ],
    ['sum the differences', { n: 10 }, { n: 'sum' }, [set('n', 11), set('n', 15)], { n: 16 }],
    [
      'go through a function',
      { n: 10 },
      { n: (a, b) => Math.max(Number(a), Number(b)) },
      [set('n', 30), set('n', 20)],
      { n: 30 },
    ],
    [
      'sum to what is left when the other took it away',
      { n: 1 },
      { n: 'sum' },
      [set('n', null), set('n', 3)],
      { n: 3 },
    ],
    [
      'take a field whose name every object inherits',
      { constructor: 1 },
      {},
      [set('constructor', 2), set('constructor', 3)],
      { constructor: 3 },
    ],
    [
      'merge into one object where there was none',
      {},
      { o: 'merge' },
      [set('o', { x: 1 }), set('o', { y: 2 })],
      { o: { x: 1, y: 2 } },
    ],
    ['take a field away', { a: 1 }, {}, [set('a', 2), (draft: Record<string, Json>) => void delete draft['a']], {}],
    [
      'of one call alone are taken as they are',
      { l: [1, 2, 3] },
      {},
      [(draft: { l: number[] }) => void draft.l.splice(1, 1)],
      { l: [1, 3] },
    ],
  ])('%s', (_name, base, reducers, writers, expected) => {
    expect(merged(base, reducers, ...(writers as ((draft: Record<string, never>) => void)[]))).toEqual(expected);
  });

  it('are a patch that anybody can apply: what another took away is added, not replaced', () => {
    const writes = [[{ op: 'remove', path: '/a' }], [{ op: 'replace', path: '/a', value: 2 }]] as const;
    expect(mergeWrites({ a: 1 }, writes, {})).toEqual([writes[0][0], { op: 'add', path: '/a', value: 2 }]);
  });

  it.each<[string, Json, StateReducers, Json]>([
    ['sum does not fit a string', { f: 'a' }, { f: 'sum' }, 'b'],
    ['append does not fit a number', { f: 1 }, { f: 'append' }, 6],
    ['merge does not fit a list', { f: [] }, { f: 'merge' }, [1]],
  ])('none is lost without a word: %s', (message, base, reducers, value) => {
    expect(() => merged(base, reducers, set('f', value), set('f', value))).toThrow(
      expect.objectContaining({ code: 'framework_reducer_failed', message: `reducers.f: ${message}` }),
    );
  });
});
