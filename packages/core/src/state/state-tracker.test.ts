// Would catch: a change of state whose patch says something else, so that the store and the reader drift from the tool.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Json } from '../json.ts';
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
