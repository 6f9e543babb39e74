// Would catch: a record of a later release that is read as if it were understood.
import { expect, it } from 'vitest';
import { upcast } from './upcast.ts';

const kinds = ['snapshot', 'commit', 'inbox', 'message', 'run', 'call'] as const;

it.each(kinds)('a %s of the current version passes as it is', (kind) => {
  const record = { v: 1, anything: ['kept'] };
  expect(upcast(kind, record)).toEqual(record);
});

it.each(
  kinds.flatMap((kind) =>
    [{ v: 2 }, { v: 0 }, { v: 1.5 }, { v: '1' }, {}, null, 'text', undefined].map((record) => [kind, record] as const),
  ),
)('a %s that this release cannot know is refused: %j', (kind, record) => {
  expect(() => upcast(kind, record)).toThrow(expect.objectContaining({ code: 'state_record_unreadable' }));
});
