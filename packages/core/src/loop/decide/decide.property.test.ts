// Would catch: a history after which nothing happens any more, or the same thing for ever; and a decision that nobody foresaw.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldTurns, turnsOf } from '../../../test/fold-turns.ts';
import { callsOf } from '../../../test/walk/calls-of.ts';
import { Walk } from '../../../test/walk/walk.ts';
import type { AgentPolicy } from '../../agent/agent-policy.ts';
import { isFinal } from '../../session/call.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { wakeAtOf } from '../../session/wake-at.ts';
import { decide } from './decide.ts';
import type { Decision } from './decision.ts';
import { kindOfWait } from './wait-ids.ts';

/** What is unread or unfolded: each fold must leave less of it. */
function left({ unread, waits, children, step }: SessionSnapshot): number {
  return unread.length + waits.length + children.length + (step?.at === 'calls' ? 1 : 0);
}

/** (step, attempt, sent): each dispatch or model call must raise it. */
function progress({ run, step }: SessionSnapshot): readonly number[] {
  const sent = callsOf(step).reduce((sum, { attempts, state }) => sum + attempts + (isFinal(state) ? 1 : 0), 0);
  return [Math.max(run?.stepCount ?? 0, step?.step ?? 0), step?.at === 'failed' ? step.attempt : Infinity, sent];
}

function isAbove(after: readonly number[], before: readonly number[]): boolean {
  const at = after.findIndex((value, index) => value !== before[index]);
  return at >= 0 && (after[at] ?? 0) > (before[at] ?? 0);
}

/** Which exit of `decide` a decision came through. */
function exitOf(decision: Decision, { run, step, waits }: SessionSnapshot): string {
  switch (decision.kind) {
    case 'end':
      if (run?.phase.at === 'ended') return 'ended before';
      return `end ${decision.outcome} ${decision.cause.code ?? decision.cause.reason}`;
    case 'fold':
      return `fold ${decision.facts.map(({ fact }) => fact).at(0)}`;
    case 'call-model':
      return step?.at === 'failed' ? 'call-model again' : `call-model ${decision.mode}`;
    case 'dispatch': {
      const calls = callsOf(step).filter(({ callId }) => decision.tools.includes(callId));
      if (decision.children.length > 0) return 'dispatch child';
      if (calls.some(({ kind }) => kind === 'finish')) return 'dispatch finish';
      return calls.length > 1 ? 'dispatch several' : 'dispatch one';
    }
    case 'park': {
      const [waitId] = decision.on;
      if (waitId === undefined) return 'park backoff';
      const kind = waits.find((wait) => wait.waitId === waitId)?.kind ?? kindOfWait(waitId);
      return kind === 'budget' || kind === 'operator' ? `park ${kind}` : 'park call';
    }
    default:
      return decision.kind;
  }
}

const exits = [
  'ended before',
  'end aborted superseded',
  'fold stop',
  'end interrupted stop',
  'end aborted stop',
  'park operator',
  'reconcile',
  'fold answer',
  'fold timeout',
  'fold results',
  'dispatch several',
  'dispatch one',
  'dispatch finish',
  'dispatch child',
  'park call',
  'end failed error',
  'park backoff',
  'call-model again',
  'fold news',
  'end completed reply',
  'end completed stop_when',
  'end failed framework_output_missing',
  'end failed framework_max_steps',
  'park budget',
  'call-model compact',
  'call-model forced',
  'call-model final-step',
  'call-model normal',
];

const policies: fc.Arbitrary<AgentPolicy> = fc.record({
  maxSteps: fc.constantFrom(2, 4, Infinity),
  owesOutput: fc.boolean(),
  sequential: fc.boolean(),
  maxMisses: fc.constantFrom(2, 3),
  maxTakeovers: fc.constantFrom(2, 5),
  tokenBudget: fc.constantFrom(null, null, 60),
  compactAboveTokens: fc.constantFrom(null, null, 30),
});
const histories = fc.array(fc.nat(), { minLength: 40, maxLength: 300, size: 'max' });

describe('over any history', { timeout: 60_000 }, () => {
  const reached = new Map<string, number>();
  const turned = new Map<string, number>();

  it('each decision gets on with it, and decide never throws', () => {
    fc.assert(
      fc.property(histories, policies, (picks, policy) => {
        const walk = new Walk(picks, (folded) => turnsOf(folded).forEach((turn) => count(turned, turn)));
        const none = { ...walk.session, run: null };
        reached.set(exitOf(decide(none, policy, walk.now), none), 1);
        while (!walk.over) {
          walk.disturb();
          const before = walk.session;
          const decision = decide(before, policy, walk.now);
          expect(decide(before, policy, walk.now)).toEqual(decision);
          count(reached, exitOf(decision, before));
          walk.perform(decision);
          expect(problemOf(decision, before, walk, policy)).toBeNull();
        }
      }),
      { numRuns: 1_500, seed: 20_251_121 },
    );
  });

  it('every exit of decide is reached', () => {
    print('decide, exits', exits, reached);
    expect(exits.filter((exit) => !reached.has(exit))).toEqual([]);
    expect([...reached.keys()].filter((exit) => !exits.includes(exit))).toEqual([]);
  });

  it('every turn of fold is taken', () => {
    print('fold, turns', foldTurns, turned);
    expect(foldTurns.filter((turn) => !turned.has(turn))).toEqual([]);
  });
});

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function print(title: string, names: readonly string[], counts: ReadonlyMap<string, number>): void {
  const lines = names.map((name) => `${String(counts.get(name) ?? 0).padStart(7)}  ${name}`);
  process.stdout.write(`${title} reached by random histories:\n${lines.join('\n')}\n`);
}

/** Why a decision did not get on with it; null where it did. */
function problemOf(decision: Decision, before: SessionSnapshot, walk: Walk, policy: AgentPolicy): string | null {
  const { session: after, now } = walk;
  switch (decision.kind) {
    case 'fold':
      return left(after) < left(before) ? null : 'a fold left as much as there was';
    case 'dispatch':
    case 'call-model':
      return isAbove(progress(after), progress(before)) ? null : 'nothing was raised';
    case 'reconcile':
      return JSON.stringify(after.step) === JSON.stringify(before.step) ? 'nothing was explained' : null;
    case 'park':
      if (decision.on.length === 0) return decision.wakeAt === undefined ? 'a park waits for nothing' : null;
      // Parked is parked: nobody is woken to decide the same again.
      if ((wakeAtOf(after) ?? Infinity) <= now) return 'a parked run is due at once';
      return JSON.stringify(decide(after, policy, now)) === JSON.stringify(decision) ? null : 'a park is not stable';
    default:
      return null;
  }
}
