// Would catch: a change of state whose patch says something else, so that the store and the reader drift from the tool.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../values/json.ts';
import { applyPatch } from './patch.ts';
import { ImmerStateTracker } from './state-tracker.ts';

interface State {
  items: (number | undefined)[];
  byName: Record<string, { count: number | undefined; tags: string[] }>;
  title?: string | undefined;
}

const initial = (): State => ({ items: [1, 2, 3], byName: { a: { count: 1, tags: ['x'] } }, title: 't' });

type Change = (draft: State) => void;

const change: fc.Arbitrary<Change> = fc.oneof(
  fc.integer().map(
    (n): Change =>
      (draft) =>
        void draft.items.push(n),
  ),
  fc.constant<Change>((draft) => void draft.items.shift()),
  fc.constant<Change>((draft) => void (draft.items.length = Math.min(1, draft.items.length))),
  fc.nat(4).map(
    (at): Change =>
      (draft) =>
        void draft.items.splice(at, 2),
  ),
  fc.integer().map(
    (n): Change =>
      (draft) =>
        void draft.items.unshift(n),
  ),
  fc.string().map((name): Change => (draft) => {
    draft.byName[`k${name}`] = { count: 0, tags: [] };
  }),
  fc.string().map(
    (tag): Change =>
      (draft) =>
        void Object.values(draft.byName).find(Boolean)?.tags.push(tag),
  ),
  fc.constant<Change>((draft) => {
    delete draft.title;
  }),
  fc.constant<Change>((draft) => {
    draft.byName = {};
  }),
  fc.nat(5).map((at): Change => (draft) => {
    draft.items[Math.min(at, draft.items.length)] = undefined;
  }),
  fc.constant<Change>((draft) => void draft.items.push(undefined)),
  fc.constantFrom(undefined, 'u').map((title): Change => (draft) => {
    draft.title = title;
  }),
  fc.constant<Change>((draft) => {
    for (const one of Object.values(draft.byName).filter(Boolean)) one.count = undefined;
  }),
  fc.constant<Change>((draft) => void Object.assign(draft.byName, { gone: undefined })),
);

describe('a state tracker', () => {
  it('has patches that lead from the start to the state, whatever was done', () => {
    const updates = fc.array(fc.array(change, { minLength: 1, maxLength: 4 }), { maxLength: 6 });
    fc.assert(
      fc.property(updates, (batches) => {
        const tracker = new ImmerStateTracker(initial());
        for (const batch of batches) tracker.update((draft) => batch.forEach((apply) => apply(draft)));
        const patched = applyPatch(initial() as unknown as Json, tracker.getPatches());
        expect(patched).toEqual(JSON.parse(JSON.stringify(tracker.getState())));
      }),
    );
  });

  it('keeps the places of an array in which a value is not set', () => {
    const tracker = new ImmerStateTracker({ items: [1, 2, 3] as (number | undefined)[] });
    tracker.update((draft) => void (draft.items[1] = undefined));
    expect(applyPatch({ items: [1, 2, 3] }, tracker.getPatches())).toEqual({ items: [1, null, 3] });
  });

  it('leaves the state that it was given alone', () => {
    const given = initial();
    new ImmerStateTracker(given).update((draft) => void draft.items.push(4));
    expect(given).toEqual(initial());
  });

  it('forgets its patches, not its state, at a reset', () => {
    const tracker = new ImmerStateTracker({ count: 0 });
    tracker.update((draft) => void (draft.count = 1));
    tracker.resetPatches();
    expect([tracker.getPatches(), tracker.getState()]).toEqual([[], { count: 1 }]);
  });
});

describe('a change that the state cannot keep', () => {
  interface Kept {
    n: number;
    list: unknown[];
    user?: unknown;
  }
  const kept = (): Kept => ({ n: 1, list: [{ a: 1 }, 2] });
  const apply = (write: (draft: Kept) => unknown) => {
    const tracker = new ImmerStateTracker(kept());
    const thrown = (() => {
      try {
        tracker.update(write);
        return undefined;
      } catch (error) {
        return error;
      }
    })();
    return { thrown, state: tracker.getState(), patches: tracker.getPatches() };
  };
  const cycle: unknown[] = [];
  cycle.push(cycle);
  const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
  class Money {
    readonly cents = 3;
  }

  it.each<[string, unknown, string]>([
    ['NaN', NaN, 'NaN at /user'],
    ['an infinity', { a: [-Infinity] }, '-Infinity at /user/a/0'],
    ['a function', () => 1, 'a function at /user'],
    ['a function in it', { 'a/b': () => 1 }, 'a function at /user/a~1b'],
    ['a symbol', [Symbol('s')], 'a symbol at /user/0'],
    ['a bigint', { a: 1n }, 'a bigint at /user/a'],
    ['a date', { at: new Date(0) }, 'an instance of Date at /user/at'],
    ['a map', new Map(), 'an instance of Map at /user'],
    ['an object of a class', [1, new Money()], 'an instance of Money at /user/1'],
    ['a member named by a symbol', { [Symbol('s')]: 1 }, 'a member with a symbol for its name at /user'],
    ['a cycle', { cycle }, 'a cycle at /user/cycle/0'],
    ['data nested deeply', nested(401), 'data nested deeper than 400 levels at /user'],
  ])('is refused, naming the place, and changes nothing: %s', (_, value, message) => {
    const { thrown, state, patches } = apply((draft) => {
      draft.n = 2;
      draft.user = value;
    });
    expect(thrown).toMatchObject({
      code: 'input_invalid',
      message: `the state cannot hold ${message}: it is kept as JSON`,
    });
    expect([state, patches]).toEqual([kept(), []]);
  });

  it('is refused in the place of a list as well', () => {
    expect(apply((draft) => draft.list.push(new Date(0))).thrown).toMatchObject({
      message: expect.stringContaining('Date at /list/2') as string,
    });
    expect(apply((draft) => void (draft.list[0] = NaN)).thrown).toMatchObject({
      message: expect.stringContaining('NaN at /list/0') as string,
    });
  });

  it.each<[string, (draft: Kept) => unknown]>([
    ['a new object', () => ({ n: 9, list: [] })],
    ['a copy with a change', (draft) => ({ ...draft, n: 9 })],
    ['a copy beside a change', (draft) => Object.assign({}, draft, { n: (draft.n = 9) })],
    ['a promise', async (draft) => (draft.n = 9)],
    ['a promise that fails later', (draft) => Promise.resolve().then(() => (draft.n = 9))],
    [
      'a promise that fails later, beside what it cannot hold',
      async (draft) => ((draft.n = NaN), await Promise.resolve(), (draft.n = 9)),
    ],
  ])('is refused where it returns another state: %s', async (_, write) => {
    const { thrown, state, patches } = apply(write);
    expect(thrown).toMatchObject({ code: 'input_invalid' });
    expect([state, patches]).toEqual([kept(), []]);
  });

  it('is refused where it returns another list, for a state that is one', () => {
    const tracker = new ImmerStateTracker([1, 2]);
    expect(() => tracker.update((draft) => draft.filter((one) => one > 1))).toThrow('must change the draft');
    tracker.update((draft) => draft.splice(0, 1));
    expect(tracker.getState()).toEqual([2]);
  });

  const shared = { name: 'ann' };
  it.each<[string, (draft: Kept) => unknown, Partial<Kept>]>([
    ['a number', (draft) => (draft.n = 3), { n: 3 }],
    ['the length of a list', (draft) => draft.list.push(3), { list: [{ a: 1 }, 2, 3] }],
    ['an object that it assigned', (draft) => (draft.user = shared), { user: shared }],
    ['an object inside of one that it assigned', (draft) => ((draft.user = { shared }), shared), { user: { shared } }],
    ['the draft', (draft) => Object.assign(draft, { n: 4 }), { n: 4 }],
    ['a part of the draft', (draft) => Object.assign(draft.list[0] as object, { a: 2 }), { list: [{ a: 2 }, 2] }],
    ['what it took out', (draft) => draft.list.shift(), { list: [2] }],
    ['a list of what it took out', (draft) => draft.list.splice(0, 2), { list: [] }],
    ['an empty list, having found nothing', (draft) => draft.list.splice(5, 1), {}],
  ])('is none where it returns %s', (_, write, expected) => {
    const { thrown, state, patches } = apply(write);
    expect(thrown).toBeUndefined();
    expect(state).toEqual({ ...kept(), ...expected });
    expect(applyPatch(kept() as unknown as Json, patches)).toEqual(state);
  });

  it('is none where it returns a part of the state that it did not change', () => {
    const tracker = new ImmerStateTracker({ user: { name: 'ann' } });
    const { user } = tracker.getState();
    expect(tracker.update((draft) => (draft.user = user))).toEqual({ user: { name: 'ann' } });
  });

  it('keeps what JSON means alike: a zero below zero, what is not set, an object without prototype', () => {
    const bare = Object.assign(Object.create(null) as object, { a: undefined, b: -0 });
    const { thrown, patches } = apply((draft) => void (draft.user = [bare, undefined]));
    expect(thrown).toBeUndefined();
    expect(patches).toEqual([{ op: 'add', path: '/user', value: [{ b: 0 }, null] }]);
  });
});
