// Would catch: a commit that means something else when a session is read again than when it was written.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CallRecord, CallState } from './call.ts';
import type { CommitRecord } from './commit.ts';
import { fold, foldCalls, foldInbox } from './fold.ts';
import type { InboxEntry } from './inbox.ts';
import type { RunStart } from './run.ts';
import type { SessionSnapshot } from './snapshot.ts';

type Parts = Omit<Partial<CommitRecord>, 'v'>;

const start: RunStart = {
  op: 'start',
  sessionId: 's',
  runId: 'r1',
  turn: 1,
  entry: 'execute',
  agentType: 'a',
  runtime: 'js',
  key: 'm1',
  startedAt: 10,
  startSequence: 0,
};
const create = { agentType: 'a', runtime: 'js', state: { n: 0 }, identity: { userId: 'u' }, systemPrompt: 'be kind' };
const first: CommitRecord = { v: 1, token: 't1', at: 10, version: 1, epoch: 1, run: start, head: { create } };

function next(before: SessionSnapshot, parts: Parts): SessionSnapshot {
  const version = before.version + 1;
  return fold(
    freeze(before),
    freeze({ v: 1, token: `t${version}`, at: version, version, epoch: before.epoch, ...parts }),
  );
}

/** A session to which one commit after the other is applied; each input is frozen, so a fold that writes to it fails. */
function after(...commits: Parts[]): SessionSnapshot {
  return commits.reduce(next, fold(null, freeze(first)));
}

function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  Object.freeze(value);
  Object.values(value).forEach(freeze);
  return value;
}

function call(callId: string, state: CallState = { at: 'planned' }): CallRecord {
  const gate = { at: 'open' } as const;
  const about = { toolName: 'f', kind: 'tool', input: {}, gate, replay: 'never', sequential: false } as const;
  return { v: 1, callId, ...about, attempts: state.at === 'sent' ? state.attempt : 0, state };
}

const reply = (step: number, ...calls: CallRecord[]): Parts => ({
  head: { step: { op: 'reply', step, mode: 'normal', attempt: 1, calls } },
});
const failure: Parts = {
  head: {
    step: {
      op: 'failed',
      step: 1,
      mode: 'normal',
      attempt: 1,
      error: { message: 'm', code: 'provider_error', category: 'provider', retryable: true },
      retryAt: 9,
    },
  },
};
const close: Parts = { head: { step: { op: 'close', verdict: { is: 'done', reason: 'reply' } } } };
const claim = (takeover: boolean): Parts => ({ run: { op: 'claim', holderId: 'h', takeover }, epoch: 2 });
const sent = (attempt: number, epoch = 1): CallState => ({ at: 'sent', attempt, epoch });
const settled = (result: string): CallState => ({ at: 'settled', result });
const tokens = (input: number, output: number) =>
  ({
    v: 1,
    kind: 'tokens',
    runId: 'r1',
    step: 1,
    attempt: 1,
    tokens: { input, output, total: input + output },
    durationMs: 1,
    at: 1,
  }) as const;

describe('the first commit', () => {
  it('makes the session, with a queued run', () => {
    expect(after()).toMatchObject({
      sessionId: 's',
      agentType: 'a',
      identity: { userId: 'u' },
      systemPrompt: 'be kind',
      state: { n: 0 },
      version: 1,
      epoch: 1,
      inbox: 0,
      lastToken: 't1',
      createdAt: 10,
      updatedAt: 10,
      verdict: { is: 'continue' },
      run: { runId: 'r1', turn: 1, key: 'm1', stepCount: 0, takeovers: 0, phase: { at: 'queued' } },
    });
  });

  it('may give the run an owner at once', () => {
    const snapshot = fold(null, { ...first, run: { ...start, claim: { holderId: 'h' } } });
    expect(snapshot.run?.phase).toEqual({ at: 'running', holderId: 'h' });
  });

  it.each<Parts>([{ head: {} }, { run: { op: 'park', on: [] } }])(
    'that makes no session is unreadable: %j',
    (parts) => {
      expect(() => fold(null, { ...first, ...parts })).toThrow(
        expect.objectContaining({ code: 'state_record_unreadable' }),
      );
    },
  );
});

it('a commit that changes a run of a session that has none is unreadable', () => {
  const snapshot = { ...fold(null, first), run: null };
  const park = { ...first, version: 2, run: { op: 'park', on: [] }, head: {} } as const;
  expect(() => fold(snapshot, park)).toThrow(expect.objectContaining({ code: 'state_record_unreadable' }));
});

describe('a run', () => {
  it('goes from queued to running, parked, running, ended', () => {
    const phases = [
      claim(false),
      { run: { op: 'park', on: ['w'] } },
      claim(false),
      { run: { op: 'end', outcome: 'completed', reason: 'finish', output: 7, endedAt: 9 } },
    ] as const;
    const seen = phases.map((_, index) => after(...phases.slice(0, index + 1)).run?.phase);
    expect(seen).toEqual([
      { at: 'running', holderId: 'h' },
      { at: 'parked', on: ['w'] },
      { at: 'running', holderId: 'h' },
      { at: 'ended', outcome: 'completed', reason: 'finish', output: 7, endedAt: 9 },
    ]);
  });

  it('counts takeovers until there is progress, or somebody forgives them', () => {
    const twice = after(claim(true), claim(true));
    expect(twice.run?.takeovers).toBe(2);
    expect(next(twice, claim(false)).run?.takeovers).toBe(2);
    expect(next(twice, failure).run?.takeovers).toBe(2);
    expect(next(twice, reply(1)).run?.takeovers).toBe(0);
    expect(next(twice, close).run?.takeovers).toBe(0);
    expect(next(twice, { head: { forgiven: true } }).run?.takeovers).toBe(0);
  });

  it('counts its steps, and the next run begins at none, with no step open and the question open again', () => {
    const done = after(reply(1, call('c')), close, reply(2, call('d')));
    expect(done).toMatchObject({ run: { stepCount: 2 }, step: { at: 'calls' } });
    const again = next(done, { run: { ...start, runId: 'r2', turn: 2 }, epoch: 2 });
    expect(again).toMatchObject({ run: { runId: 'r2', stepCount: 0 }, step: null, verdict: { is: 'continue' } });
  });
});

describe('a step', () => {
  it('is open from a reply with calls until it is closed, and takes its verdict then', () => {
    const open = after(reply(1, call('a'), call('b')));
    expect(open).toMatchObject({ step: { at: 'calls', step: 1, calls: [{ callId: 'a' }, { callId: 'b' }] } });
    expect(next(open, close)).toMatchObject({ step: null, verdict: { is: 'done', reason: 'reply' } });
  });

  it('is judged when it is closed: until then, what was said of the one before it stands', () => {
    const verdict = { is: 'needs-output', misses: 2 } as const;
    const missed = after(reply(1, call('a')), { head: { step: { op: 'close', verdict } } });
    expect(next(missed, reply(2, call('b'))).verdict).toEqual(verdict);
  });

  it('without calls is never open', () => {
    const step = { op: 'reply', step: 1, mode: 'normal', attempt: 1, calls: [] } as const;
    const verdict = { is: 'needs-output', misses: 1 } as const;
    expect(after({ head: { step: { ...step, verdict } } })).toMatchObject({ step: null, verdict });
  });

  it('that failed keeps its attempt and when to try again', () => {
    const error = { message: 'busy', code: 'provider_overloaded', category: 'provider', retryable: true } as const;
    const step = { op: 'failed', step: 1, mode: 'normal', attempt: 2, error, retryAt: 99 } as const;
    const { op: _, ...rest } = step;
    expect(after({ head: { step } })).toMatchObject({ step: { at: 'failed', ...rest }, run: { stepCount: 0 } });
    expect(after({ head: { step } }, reply(1, call('a'))).step?.at).toBe('calls');
  });

  it.each<[string, Parts, string]>([
    ['a message of the user', { messages: [message('user')] }, 'continue'],
    ['another message', { messages: [message('tool')] }, 'done'],
    ['state', { head: { state: [] } }, 'done'],
  ])('keeps its verdict until the question is open again: %s', (_, parts, verdict) => {
    expect(after(reply(1, call('a')), close, parts).verdict.is).toBe(verdict);
  });

  it('is no end where a message of the user comes in the commit that closes it', () => {
    expect(after(reply(1, call('a')), { ...close, messages: [message('user')] }).verdict.is).toBe('continue');
  });
});

describe('calls', () => {
  it('move forward only, and never change once they ended', () => {
    const open = after(reply(1, call('a')));
    const moves: [CallState, CallState][] = [
      [sent(1), sent(1)],
      [sent(2), sent(2)],
      [sent(1), sent(2)],
      [{ at: 'planned' }, sent(2)],
      [settled('first'), settled('first')],
      [settled('second'), settled('first')],
      [{ at: 'unknown', note: 'late' }, settled('first')],
    ];
    let now = open;
    for (const [state, expected] of moves) {
      now = foldCalls(freeze(now), [{ callId: 'a', state }]);
      expect(now).toMatchObject({
        step: { calls: [{ state: expected, attempts: 'attempt' in expected ? expected.attempt : 2 }] },
      });
    }
  });

  it('are changed by a commit as by a settlement outside of one', () => {
    const open = after(reply(1, call('a', sent(1)), call('b', sent(1))));
    const changes = [{ callId: 'b', state: settled('x') }];
    expect(next(open, { calls: changes }).step).toEqual(foldCalls(open, changes).step);
  });

  it('that ended by themselves owe what they used, until a commit says how they ended', () => {
    const used = { kind: 'tool', runId: 'r1', step: 1, callId: 'a', toolName: 'f', ok: true, durationMs: 1 } as const;
    const change = { callId: 'a', state: settled('x'), usage: [{ v: 1, ...used, at: 1 } as const] };
    const owing = foldCalls(after(reply(1, call('a', sent(1)), call('b', sent(1)))), [change]);
    expect(owing).toMatchObject({ step: { calls: [{ usage: change.usage }, {}] } });
    expect(foldCalls(owing, [change])).toEqual(owing);
    const other = next(owing, { calls: [{ callId: 'b', state: settled('y') }] });
    expect(other).toMatchObject({ step: { calls: [{ usage: change.usage }, {}] } });
    const paid = next(owing, { calls: [{ callId: 'a', state: settled('x') }], usage: change.usage });
    expect(paid).toMatchObject({
      step: { calls: [{ state: settled('x') }, {}] },
      usage: { toolStats: { totalCalls: 1 } },
    });
    expect(JSON.stringify(paid.step)).not.toContain('usage');
  });

  it('open their gate without moving', () => {
    const closed: CallRecord = { ...call('a'), gate: { at: 'closed', waitId: 'w' } };
    const opened = after(reply(1, closed), { calls: [{ callId: 'a', gate: { at: 'open' } }] });
    expect(opened).toMatchObject({ step: { calls: [{ gate: { at: 'open' }, state: { at: 'planned' } }] } });
  });

  it('can be sent in the commit that brings them', () => {
    const both = after({ ...reply(1, call('a')), calls: [{ callId: 'a', state: sent(1) }] });
    expect(both).toMatchObject({ step: { calls: [{ state: sent(1), attempts: 1 }] } });
  });

  it('that nobody knows, or of a step that is closed, are passed over', () => {
    const open = after(reply(1, call('a')));
    expect(foldCalls(open, [{ callId: 'z', state: sent(1) }]).step).toEqual(open.step);
    const closed = next(open, close);
    expect(foldCalls(closed, [{ callId: 'a', state: sent(1) }])).toBe(closed);
  });
});

describe('waits and children', () => {
  const wait = (waitId: string) => ({ v: 1, waitId, kind: 'input', generation: 0, runId: 'r1' }) as const;
  const child = (delegationId: string) =>
    ({ v: 1, delegationId, callId: 'c', generation: 0, agentType: 'b', childSessionId: 'cs' }) as const;

  it('stand in the order in which they came, until they are closed', () => {
    const open = after({ waits: ['a', 'b', 'c'].map((id) => ({ op: 'open', wait: wait(id) })) });
    const closed = next(open, {
      waits: [
        { op: 'close', waitId: 'b', how: 'answered' },
        { op: 'open', wait: wait('d') },
      ],
    });
    expect(closed.waits.map(({ waitId }) => waitId)).toEqual(['a', 'c', 'd']);
    const alive = after(
      { children: ['a', 'b'].map((id) => ({ op: 'add', child: child(id) })) },
      { children: [{ op: 'remove', delegationId: 'a', how: 'settled' }] },
    );
    expect(alive.children).toEqual([child('b')]);
  });
});

describe('sums', () => {
  it('count messages, tokens, tools and grants', () => {
    const used = after(
      { messages: [message('user')], usage: [tokens(100, 10)] },
      { messages: [message('assistant'), message('tool')], usage: [tokens(200, 20)], head: { extraTokens: 5 } },
      { head: { extraTokens: 7, streamSequence: 44 } },
    );
    expect(used).toMatchObject({
      messageCount: 3,
      extraTokens: 12,
      streamSequence: 44,
      contextTokens: 220,
      usage: { modelCalls: 2, tokens: { input: 300, output: 30, total: 330 } },
    });
  });

  it('of the context stay where a model call tells no tokens', () => {
    const used = after({ usage: [tokens(900, 10)] }, { usage: [tokens(0, 0)] });
    expect(used).toMatchObject({ contextTokens: 910, usage: { modelCalls: 2, tokens: { total: 910 } } });
  });

  it('of the context begin anew with a summary', () => {
    const step = { op: 'reply', step: 2, mode: 'compact', attempt: 1, calls: [] } as const;
    expect(after({ usage: [tokens(900, 10)] }, { head: { step }, usage: [tokens(0, 0)] }).contextTokens).toBe(0);
    expect(after({ usage: [tokens(900, 10)] }, { head: { step }, usage: [tokens(910, 50)] }).contextTokens).toBe(50);
  });
});

describe('the inbox', () => {
  const entry = (seq: number): InboxEntry => ({
    v: 1,
    seq,
    item: { kind: 'message', messageId: `m${seq}`, parts: [], at: 1 },
  });

  it('is read in order, each entry once, and forgotten when it is consumed', () => {
    const read = foldInbox(after(), [entry(1), entry(2), entry(3)]);
    expect(read).toMatchObject({ inbox: 3, unread: [{ seq: 1 }, { seq: 2 }, { seq: 3 }] });
    const consumed = next(read, { head: { consumes: [1, 3] } });
    expect(consumed.unread.map(({ seq }) => seq)).toEqual([2]);
    expect(foldInbox(consumed, [entry(1), entry(2), entry(3)])).toBe(consumed);
    expect(foldInbox(consumed, [entry(3), entry(4)])).toMatchObject({ inbox: 4, unread: [{ seq: 2 }, { seq: 4 }] });
  });

  it('comes to the same however it is cut into pieces, also with repetitions', () => {
    const entries = Array.from({ length: 8 }, (_, index) => entry(index + 1));
    const whole = foldInbox(after(), entries);
    const cuts = fc.array(fc.tuple(fc.nat({ max: 8 }), fc.nat({ max: 8 })));
    fc.assert(
      fc.property(cuts, (pieces) => {
        let reached = 0;
        let now = after();
        for (const [from, to] of pieces) {
          if (from > reached) continue;
          now = foldInbox(now, entries.slice(from, to));
          reached = Math.max(reached, to > from ? to : 0);
        }
        expect(foldInbox(now, entries)).toEqual(whole);
      }),
    );
  });
});

describe('cost', () => {
  it('of a step does not grow with the state: what a commit does not touch is shared', () => {
    const before = after(
      { head: { state: [{ op: 'add', path: '/big', value: { deep: [1, 2, 3] } }] } },
      reply(1, call('a')),
    );
    const now = next(before, { head: { state: [{ op: 'replace', path: '/n', value: 1 }] } });
    expect((now.state as { big: unknown }).big).toBe((before.state as { big: unknown }).big);
    expect(now.step).toBe(before.step);
    expect(now.waits).toBe(before.waits);
    expect(now.usage).toBe(before.usage);
  });
});

it('fold can be read in one go: its file has fewer than 150 lines', () => {
  const text = readFileSync(new URL('./fold.ts', import.meta.url), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThan(150);
});

function message(role: 'user' | 'assistant' | 'tool') {
  return { v: 1, id: role, role, parts: [], runId: 'r1', createdAt: 1 } as const;
}
