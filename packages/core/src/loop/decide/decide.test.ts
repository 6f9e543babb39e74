// Would catch: a decision out of its turn. The rows are the table of the design, first match first.
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { AgentPolicy } from '../../agent/agent-policy.ts';
import type { CallRecord, CallState } from '../../session/call.ts';
import { fold } from '../../session/fold.ts';
import type { InboxItem } from '../../session/inbox.ts';
import type { RunRecord } from '../../session/run.ts';
import type { OpenStep, SessionSnapshot, StepVerdict } from '../../session/snapshot.ts';
import { noUsage } from '../../session/usage.ts';
import type { ChildRecord, WaitAnswer, WaitKind, WaitRecord } from '../../session/wait.ts';
import { wakeAtOf } from '../../session/wake-at.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';

const now = 1_000;
const policy: AgentPolicy = {
  maxSteps: 3,
  owesOutput: false,
  sequential: false,
  maxMisses: 3,
  maxTakeovers: 5,
  tokenBudget: null,
  compactAboveTokens: null,
};

const made = fold(null, {
  v: 1,
  token: 't1',
  at: 0,
  version: 1,
  epoch: 1,
  head: { create: { agentType: 'a', runtime: 'js', state: {}, identity: {}, systemPrompt: null } },
  run: {
    op: 'start',
    sessionId: 's',
    runId: 'r',
    turn: 1,
    entry: 'execute',
    agentType: 'a',
    runtime: 'js',
    key: 'm',
    startedAt: 0,
    startSequence: 0,
    claim: { holderId: 'h' },
  },
});

function session(parts: Partial<SessionSnapshot> = {}): SessionSnapshot {
  return { ...made, ...parts };
}

function run(parts: Partial<RunRecord>): RunRecord {
  if (!made.run) throw new Error('there is a run');
  return { ...made.run, ...parts };
}

function call(callId: string, parts: Partial<CallRecord> = {}): CallRecord {
  const about = { toolName: 'f', kind: 'tool', input: {}, replay: 'never', sequential: false, attempts: 0 } as const;
  return { v: 1, callId, ...about, gate: { at: 'open' }, state: { at: 'planned' }, ...parts };
}

function step(...calls: CallRecord[]): OpenStep {
  return { at: 'calls', step: 1, mode: 'normal', calls };
}

const sent: CallState = { at: 'sent', attempt: 1, epoch: 1 };
const settled: CallState = { at: 'settled', result: null };
const ended: CallState = { at: 'settled', result: null, finishes: true };
const closed = (waitId: string) => ({ gate: { at: 'closed', waitId } }) as const;
const error = { message: 'no', code: 'provider_error', category: 'provider', retryable: true } as const;

function failed(retryAt: number | null): OpenStep {
  return { at: 'failed', step: 1, mode: 'normal', attempt: 2, error, retryAt };
}

function wait(waitId: string, parts: Partial<WaitRecord> = {}, kind: WaitKind = 'approval'): WaitRecord {
  return { v: 1, waitId, kind, generation: 0, runId: 'r', ...parts };
}

const delegated: ChildRecord = {
  v: 1,
  delegationId: 'd',
  callId: 'c',
  generation: 0,
  agentType: 'b',
  childSessionId: 'cs',
};

function unread(...items: InboxItem[]) {
  return items.map((item, index) => ({ v: 1, seq: index + 1, item }) as const);
}

const stop = (kind: 'interrupt' | 'abort', runId = 'r'): InboxItem => ({ kind: 'stop', runId, stop: kind, at: 0 });
const message: InboxItem = { kind: 'message', messageId: 'm2', parts: [], at: 0 };
const approval: WaitAnswer = { kind: 'approval-response', approved: true, argumentsHash: 'seen' };
const answer = (waitId: string, generation = 0, given: WaitAnswer = approval): InboxItem => {
  return { kind: 'answer', waitId, generation, answer: given, at: 0 };
};
const news = (...seqs: number[]): Decision => ({ kind: 'fold', facts: seqs.map((seq) => ({ fact: 'news', seq })) });
const dispatch = (...tools: string[]): Decision => ({ kind: 'dispatch', tools, children: [] });
const model = (mode: 'normal' | 'final-step' | 'forced' | 'compact', at = 1, attempt = 1): Decision => {
  return { kind: 'call-model', mode, step: at, attempt };
};

type Row = [promise: string, session: SessionSnapshot, decision: Decision, policy?: Partial<AgentPolicy>];

describe.each<[string, Row[]]>([
  [
    'a run that is over',
    [
      [
        'ends as it ended',
        session({ run: run({ phase: { at: 'ended', outcome: 'failed', reason: 'error', endedAt: 1 } }) }),
        { kind: 'end', outcome: 'failed', cause: { reason: 'error' } },
      ],
      [
        'that never was has nothing to do',
        session({ run: null }),
        { kind: 'end', outcome: 'aborted', cause: { reason: 'superseded' } },
      ],
    ],
  ],
  [
    'a stop',
    [
      [
        'gives up what is open first, before any other fact',
        session({ unread: unread(answer('w'), stop('interrupt')), step: step(call('a', { state: sent })) }),
        { kind: 'fold', facts: [{ fact: 'stop', seq: 2 }] },
      ],
      [
        'gives up a wait that no call opened',
        session({ unread: unread(stop('interrupt')), waits: [wait('w', {}, 'budget')] }),
        { kind: 'fold', facts: [{ fact: 'stop', seq: 1 }] },
      ],
      [
        'gives up a child that no call waits for',
        session({ unread: unread(stop('interrupt')), children: [delegated] }),
        { kind: 'fold', facts: [{ fact: 'stop', seq: 1 }] },
      ],
      [
        'ends a run in which nothing is open',
        session({ unread: unread(stop('interrupt')) }),
        { kind: 'end', outcome: 'interrupted', cause: { reason: 'stop' } },
      ],
      [
        'that aborts outweighs one that interrupts',
        session({ unread: unread(stop('interrupt'), stop('abort')) }),
        { kind: 'end', outcome: 'aborted', cause: { reason: 'stop' } },
      ],
      ['of another run is only news', session({ unread: unread(stop('abort', 'r0')) }), news(1)],
      [
        'comes before a backoff ends',
        session({ unread: unread(stop('interrupt')), step: failed(now + 1) }),
        { kind: 'end', outcome: 'interrupted', cause: { reason: 'stop' } },
      ],
    ],
  ],
  [
    'too many takeovers',
    [
      [
        'wait for an operator, by a name of their own',
        session({ run: run({ takeovers: 5 }), version: 9 }),
        { kind: 'park', on: ['operator-r-9'] },
      ],
      [
        'wait on under the name that they have',
        session({ run: run({ takeovers: 5 }), version: 12, waits: [wait('operator-r-9', {}, 'operator')] }),
        { kind: 'park', on: ['operator-r-9'] },
      ],
      [
        'wait before anything is asked of a call that may have ended its owners',
        session({ run: run({ takeovers: 5 }), version: 9, step: step(call('a', { state: sent })) }),
        { kind: 'park', on: ['operator-r-9'] },
      ],
      [
        'go on once the operator says so',
        session({
          run: run({ takeovers: 5 }),
          waits: [wait('operator-r-9', {}, 'operator')],
          unread: unread(answer('operator-r-9', 0, { kind: 'continue' })),
        }),
        { kind: 'fold', facts: [{ fact: 'answer', seq: 1, waitId: 'operator-r-9' }] },
      ],
    ],
  ],
  [
    'calls',
    [
      [
        'whose claimant is gone are explained before anything else of the step',
        session({ step: step(call('a', { state: sent }), call('b')), waits: [wait('w')], unread: unread(answer('w')) }),
        { kind: 'reconcile', calls: ['a'] },
      ],
      ['run side by side', session({ step: step(call('a'), call('b')) }), dispatch('a', 'b')],
      [
        'run while another waits for a person',
        session({ step: step(call('a'), call('b', closed('w'))), waits: [wait('w')] }),
        dispatch('a'),
      ],
      [
        'run after the answer to another was read, so that both run side by side',
        session({ step: step(call('a'), call('b', closed('w'))), waits: [wait('w')], unread: unread(answer('w')) }),
        { kind: 'fold', facts: [{ fact: 'answer', seq: 1, waitId: 'w' }] },
      ],
      [
        'that run alone run when all before them are over',
        session({ step: step(call('a'), call('b'), call('c', { sequential: true }), call('d')) }),
        dispatch('a', 'b'),
      ],
      [
        'that run alone run with nothing beside them',
        session({ step: step(call('a', { state: settled }), call('c', { sequential: true }), call('d')) }),
        dispatch('c'),
      ],
      [
        'behind one that runs alone wait for it',
        session({ step: step(call('c', { sequential: true, state: settled }), call('d'), call('e')) }),
        dispatch('d', 'e'),
      ],
      [
        'that run alone wait also for one before them that waits for a person',
        session({ step: step(call('a', closed('w')), call('c', { sequential: true })), waits: [wait('w')] }),
        { kind: 'park', on: ['w'] },
      ],
      [
        'of a sequential agent run in order',
        session({ step: step(call('a'), call('b')) }),
        dispatch('a'),
        { sequential: true },
      ],
      [
        'that finish wait for their siblings',
        session({ step: step(call('f', { kind: 'finish' }), call('a', closed('w'))), waits: [wait('w')] }),
        { kind: 'park', on: ['w'] },
      ],
      [
        'that finish come last, one alone',
        session({
          step: step(call('f', { kind: 'finish' }), call('g', { kind: 'finish' }), call('a', { state: settled })),
        }),
        dispatch('f'),
      ],
      [
        'that finish do not run once one of them has: the results are folded',
        session({ step: step(call('f', { kind: 'finish', state: ended }), call('g', { kind: 'finish' })) }),
        { kind: 'fold', facts: [{ fact: 'results' }] },
      ],
      [
        'that finish do not run once one of them has, also while another waits for a person',
        session({
          step: step(
            call('f', { kind: 'finish', state: ended }),
            call('g', { kind: 'finish', ...closed('w') }),
            call('h', { kind: 'finish' }),
          ),
          waits: [wait('w')],
        }),
        { kind: 'park', on: ['w'] },
      ],
      [
        'that finish run after one that failed to',
        session({
          step: step(call('f', { kind: 'finish', state: { at: 'failed', error } }), call('g', { kind: 'finish' })),
        }),
        dispatch('g'),
      ],
      [
        'of children are named apart',
        session({ step: step(call('a'), call('c', { kind: 'child' })) }),
        { kind: 'dispatch', tools: ['a'], children: ['c'] },
      ],
      [
        'that all have their outcome are folded',
        session({ step: step(call('a', { state: settled })) }),
        { kind: 'fold', facts: [{ fact: 'results' }] },
      ],
      [
        'with a closed gate wait until the first deadline',
        session({
          step: step(call('a', closed('w')), call('b', closed('x'))),
          waits: [wait('w', { deadline: 3_000 }), wait('x', { deadline: 2_000 })],
        }),
        { kind: 'park', on: ['w', 'x'], wakeAt: 2_000 },
      ],
      [
        'that were denied are waited for no more',
        session({
          step: step(
            call('a', { ...closed('w'), state: { at: 'not-executed', reason: 'denied' } }),
            call('b', closed('x')),
          ),
          waits: [wait('x')],
        }),
        { kind: 'park', on: ['x'] },
      ],
    ],
  ],
  [
    'an open wait',
    [
      [
        'takes its first answer, and no later one',
        session({ step: step(call('a', closed('w'))), waits: [wait('w')], unread: unread(answer('w'), answer('w')) }),
        { kind: 'fold', facts: [{ fact: 'answer', seq: 1, waitId: 'w' }] },
      ],
      [
        'takes none that is of another kind, and the first that fits after it',
        session({
          step: step(call('a', closed('w'))),
          waits: [wait('w')],
          unread: unread(answer('w', 0, { kind: 'client-tool-result', result: 1 }), answer('w')),
        }),
        { kind: 'fold', facts: [{ fact: 'answer', seq: 2, waitId: 'w' }] },
      ],
      [
        'takes no approval of other arguments than it asks about',
        session({
          step: step(call('a', closed('w'))),
          waits: [wait('w', { argumentsHash: 'changed' })],
          unread: unread(answer('w')),
        }),
        { kind: 'park', on: ['w'] },
      ],
      [
        'takes no answer of another generation',
        session({ step: step(call('a', closed('w'))), waits: [wait('w')], unread: unread(answer('w', 1)) }),
        { kind: 'park', on: ['w'] },
      ],
      [
        'that ran out is folded, unless it was answered',
        session({
          step: step(call('a', closed('w')), call('b', closed('x'))),
          waits: [wait('w', { deadline: now }), wait('x', { deadline: now })],
          unread: unread(answer('x')),
        }),
        {
          kind: 'fold',
          facts: [
            { fact: 'answer', seq: 1, waitId: 'x' },
            { fact: 'timeout', waitId: 'w' },
          ],
        },
      ],
    ],
  ],
  [
    'a failed model call',
    [
      ['waits for its time', session({ step: failed(now + 1) }), { kind: 'park', on: [], wakeAt: now + 1 }],
      ['is tried again', session({ step: failed(now) }), model('normal', 1, 3)],
      [
        'is tried again with the very same words, whatever was said meanwhile',
        session({ step: failed(now), unread: unread(message) }),
        model('normal', 1, 3),
      ],
      [
        'that may not be tried again ends the run',
        session({ step: failed(null) }),
        { kind: 'end', outcome: 'failed', cause: { reason: 'error' } },
      ],
    ],
  ],
  [
    'news',
    [
      ['is folded where no call is open', session({ unread: unread(message, answer('late')) }), news(1, 2)],
      [
        'waits while a call is open, so that nothing comes between a call and its result',
        session({ step: step(call('a', closed('w'))), waits: [wait('w')], unread: unread(message) }),
        { kind: 'park', on: ['w'] },
      ],
      ['opens the question again before the run ends', session({ verdict: done(), unread: unread(message) }), news(1)],
      [
        'is left to the next run by one that is broken',
        session({ verdict: { is: 'broken', error }, unread: unread(message) }),
        { kind: 'end', outcome: 'failed', cause: { reason: 'error' } },
      ],
    ],
  ],
  [
    'a verdict',
    [
      ['ends the run', session({ verdict: done() }), { kind: 'end', outcome: 'completed', cause: { reason: 'reply' } }],
      [
        'ends the run also at its last step',
        session({ verdict: done(), run: run({ stepCount: 3 }) }),
        { kind: 'end', outcome: 'completed', cause: { reason: 'reply' } },
      ],
      [
        'that the run is broken fails it',
        session({ verdict: { is: 'broken', error } }),
        { kind: 'end', outcome: 'failed', cause: { reason: 'error' } },
      ],
      ['to go on asks the model', session({ run: run({ stepCount: 1 }) }), model('normal', 2)],
    ],
  ],
  [
    'a limit',
    [
      [
        'of steps fails the run',
        session({ run: run({ stepCount: 3 }) }),
        { kind: 'end', outcome: 'failed', cause: { reason: 'max_steps', code: 'framework_max_steps' } },
      ],
      [
        'of steps asks once more for an output that is owed',
        session({ run: run({ stepCount: 3 }) }),
        model('forced', 4),
        { owesOutput: true },
      ],
      [
        'of steps is announced to who owes an output',
        session({ run: run({ stepCount: 2 }) }),
        model('final-step', 3),
        { owesOutput: true },
      ],
      ['of steps may be none', session({ run: run({ stepCount: 900 }) }), model('normal', 901), { maxSteps: Infinity }],
      [
        'of patience makes the model finish',
        session({ verdict: { is: 'needs-output', misses: 2 } }),
        model('forced'),
        { owesOutput: true },
      ],
      [
        'of patience fails the run',
        session({ verdict: { is: 'needs-output', misses: 3 } }),
        { kind: 'end', outcome: 'failed', cause: { reason: 'error', code: 'framework_output_missing' } },
        { owesOutput: true },
      ],
      [
        'of tokens waits for more',
        session({ usage: used(100), version: 7 }),
        { kind: 'park', on: ['budget-r-7'] },
        { tokenBudget: 100 },
      ],
      [
        'of tokens counts what was granted',
        session({ usage: used(100), extraTokens: 1 }),
        model('normal'),
        { tokenBudget: 100 },
      ],
      [
        'of steps outweighs one of tokens',
        session({ run: run({ stepCount: 3 }), usage: used(100) }),
        { kind: 'end', outcome: 'failed', cause: { reason: 'max_steps', code: 'framework_max_steps' } },
        { tokenBudget: 100 },
      ],
      [
        'of the context asks for a summary',
        session({ contextTokens: 51 }),
        model('compact'),
        { compactAboveTokens: 50 },
      ],
      [
        'of tokens outweighs one of the context: a summary costs tokens, too',
        session({ usage: used(100), contextTokens: 51, version: 7 }),
        { kind: 'park', on: ['budget-r-7'] },
        { tokenBudget: 100, compactAboveTokens: 50 },
      ],
      [
        'of the context outweighs one of steps that asks once more',
        session({ run: run({ stepCount: 3 }), contextTokens: 51 }),
        model('compact', 4),
        { owesOutput: true, compactAboveTokens: 50 },
      ],
    ],
  ],
])('%s', (_, rows) => {
  it.each(rows)('%s', (_promise, given, decision, special = {}) => {
    expect(decide(given, { ...policy, ...special }, now)).toEqual(decision);
  });
});

describe('a parked run', () => {
  const parked = (parts: Partial<SessionSnapshot> = {}) =>
    session({
      run: run({ phase: { at: 'parked', on: ['w'] } }),
      waits: [wait('w'), wait('x', { deadline: 1 })],
      ...parts,
    });

  it('sleeps while nothing of what it waits for came, whatever else did', () => {
    expect(wakeAtOf(parked())).toBeNull();
    expect(wakeAtOf(parked({ unread: unread(message, answer('x'), answer('w', 1), stop('abort', 'r0')) }))).toBeNull();
  });

  it('wakes at once for its answer and its stop', () => {
    expect(wakeAtOf(parked({ unread: unread(answer('w')) }))).toBe(0);
    expect(wakeAtOf(parked({ unread: unread(stop('interrupt')) }))).toBe(0);
  });

  it('wakes when what it waits for runs out', () => {
    expect(wakeAtOf(parked({ waits: [wait('w', { deadline: 5_000 })] }))).toBe(5_000);
  });
});

describe('one commit', () => {
  const record = { v: 1, token: 't2', at: 1, version: 2, epoch: 1 } as const;

  it('may open a gate and send the call behind it', () => {
    const before = session({ step: step(call('a', closed('w'))) });
    const changes = [{ callId: 'a', gate: { at: 'open' } } as const, { callId: 'a', state: sent }];
    const after = fold(before, { ...record, calls: changes });
    expect(after.step).toMatchObject({ calls: [{ gate: { at: 'open' }, state: sent, attempts: 1 }] });
  });

  it('may close the wait and let go of the child that it opens', () => {
    const child = { v: 1, delegationId: 'd', callId: 'a', generation: 0, agentType: 'a', childSessionId: 'c' } as const;
    const after = fold(session(), {
      ...record,
      waits: [
        { op: 'open', wait: wait('w') },
        { op: 'close', waitId: 'w', how: 'superseded' },
      ],
      children: [
        { op: 'add', child },
        { op: 'remove', delegationId: 'd', how: 'detached' },
      ],
    });
    expect(after).toMatchObject({ waits: [], children: [] });
  });
});

it('a decision has at most 32 KiB, whatever was said meanwhile: what it leaves is for the next one', () => {
  const left = Array.from({ length: 5_000 }, (_, index) => ({ v: 1, seq: 10 ** 15 + index, item: message }) as const);
  const told: number[] = [];
  while (left.length > 0) {
    const spent = session({ verdict: done(), run: run({ stepCount: 3 }), unread: [...left] });
    const decision = decide(spent, policy, now);
    expect(JSON.stringify(decision).length).toBeLessThanOrEqual(32 * 1024);
    const seqs =
      decision.kind === 'fold' ? decision.facts.flatMap((fact) => (fact.fact === 'news' ? fact.seq : [])) : [];
    expect(seqs.length).toBeGreaterThan(0);
    told.push(...left.splice(0, seqs.length).map(({ seq }, index) => (seqs[index] === seq ? seq : 0)));
  }
  expect(new Set(told).size).toBe(5_000);
});

it('decide can be read in one go: its file has fewer than 150 lines', () => {
  const text = readFileSync(new URL('./decide.ts', import.meta.url), 'utf8');
  expect(text.trimEnd().split('\n').length).toBeLessThan(150);
});

function done(): StepVerdict {
  return { is: 'done', reason: 'reply', output: '' };
}

function used(total: number): SessionSnapshot['usage'] {
  return { ...noUsage, tokens: { ...noUsage.tokens, total } };
}
