// Would catch: an entry that begins a second run beside a live one, joins a run of another kind, or goes on with one that is over.
import { describe, expect, it } from 'vitest';
import type { RunEntry, RunPhase, RunRecord } from '../../session/run.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { judgeContinue, judgeMessage, judgeRetry } from './entry-verdict.ts';

const running: RunPhase = { at: 'running', holderId: 'own' };
const parked: RunPhase = { at: 'parked', on: [] };
const ended = (outcome: 'completed' | 'failed' | 'interrupted' | 'aborted'): RunPhase => {
  return { at: 'ended', outcome, reason: 'reply', endedAt: 0 };
};

function sessionWith(phase: RunPhase, entry: RunEntry = 'execute'): SessionSnapshot {
  return { sessionId: 's', run: { runId: 'run', entry, phase } } as SessionSnapshot;
}

describe('a message', () => {
  it.each([
    ['no session', null, 'begin'],
    ['a session that rests', sessionWith(ended('failed')), 'begin'],
    ['a run that is driven', sessionWith(running), 'supersede'],
    ['a run that waits', sessionWith(parked), 'supersede'],
  ])('that is new, over %s', (_, session, verdict) => {
    expect(judgeMessage(session, null)).toBe(verdict);
  });

  it('that made a run joins it, whatever came after it', () => {
    expect(judgeMessage(sessionWith(running), { runId: 'old' } as RunRecord)).toEqual({ join: 'old' });
  });
});

describe('resume', () => {
  it.each([
    ['a run that is driven', sessionWith(running), { join: 'run' }],
    ['a run that waits', sessionWith(parked), { join: 'run' }],
    ['an interrupted run', sessionWith(ended('interrupted')), 'begin'],
  ])('of %s', (_, session, verdict) => {
    expect(judgeContinue('s', session)).toEqual(verdict);
  });

  it.each([
    ['no session', null, 'state_session_not_found'],
    ['a completed run', sessionWith(ended('completed')), 'state_not_resumable'],
    ['a failed run', sessionWith(ended('failed')), 'state_not_resumable'],
    ['an aborted run', sessionWith(ended('aborted')), 'state_not_resumable'],
  ])('of %s is refused', (_, session, code) => {
    expect(() => judgeContinue('s', session)).toThrow(expect.objectContaining({ code }));
  });
});

describe('retry', () => {
  it.each([
    ['a retry that is under way', sessionWith(running, 'retry'), { join: 'run' }],
    ['a failed run', sessionWith(ended('failed')), 'begin'],
    ['an aborted run', sessionWith(ended('aborted')), 'begin'],
  ])('of %s', (_, session, verdict) => {
    expect(judgeRetry('s', session)).toEqual(verdict);
  });

  it.each([
    ['no session', null, 'state_session_not_found'],
    ['a turn that is under way', sessionWith(parked), 'state_already_running'],
    ['a completed run', sessionWith(ended('completed')), 'state_not_resumable'],
    ['an interrupted run', sessionWith(ended('interrupted')), 'state_not_resumable'],
  ])('of %s is refused', (_, session, code) => {
    expect(() => judgeRetry('s', session)).toThrow(expect.objectContaining({ code }));
  });
});
