// Would catch: a page larger than the contract says, a cursor to nowhere behind the last one, a list of everybody's sessions for a
// user who is not known.
import { describe, expect, it } from 'vitest';
import { pageOf, readPageRequest } from './session-page.ts';

const summaries = (count: number) =>
  Array.from({ length: count }, (_, index) => {
    return { sessionId: `s-${index}`, agentType: 'a', userId: null, live: false, updatedAt: 10 - index };
  });

describe('a page of sessions', () => {
  it.each([
    [undefined, 50],
    [0, 1],
    [-3, 1],
    [200, 200],
    [201, 200],
  ])('of a limit of %s holds at most %i', (limit, most) => {
    expect(readPageRequest(limit === undefined ? {} : { limit })).toEqual({ limit: most, from: null });
  });

  it.each([
    [{ userId: undefined }, 'listSessions: userId must be a text; leave it out for the sessions of all, got undefined'],
    [{ userId: null }, 'listSessions: userId must be a text; leave it out for the sessions of all, got null'],
    [{ agentType: 7 }, 'listSessions: agentType must be a text; leave it out for the sessions of all, got 7'],
    [{ user: 'ann' }, 'listSessions: user is unknown; did you mean userId?'],
  ])('refuses a filter that would be none: %j', (request, message) => {
    expect(() => readPageRequest(request as object)).toThrow(
      expect.objectContaining({ code: 'input_invalid', message }),
    );
  });

  it('says where the next one begins, and where there is none', () => {
    const { cursor = '' } = pageOf(summaries(3), 2);
    expect(readPageRequest({ cursor }).from).toEqual({ updatedAt: 9, sessionId: 's-1' });
    expect(pageOf(summaries(2), 2)).toEqual({ sessions: summaries(2) });
  });

  it.each(['', '9', '9.', '.s', '9.a b', 'x.s', '1234567890123456.s'])(
    'refuses a cursor that no page gave: %j',
    (cursor) => {
      expect(() => readPageRequest({ cursor })).toThrow(expect.objectContaining({ code: 'input_invalid' }));
    },
  );
});
