import { isFinal } from '../src/session/call.ts';
import { callsOf } from './walk/calls-of.ts';
import type { Folded } from './walk/folded.ts';

type Turn = (folded: Folded & { readonly before: NonNullable<Folded['before']> }) => unknown;

/** Every way that `fold` and its parts can take, by the change of the snapshot that tells of it. Of the first commit see below. */
const turns: Readonly<Record<string, Turn>> = {
  'run: as it was': ({ commit }) => commit && !commit.run,
  'run: starts claimed': ({ after, commit }) => commit?.run?.op === 'start' && after.run?.phase.at === 'running',
  'run: starts queued': ({ after, commit }) => commit?.run?.op === 'start' && after.run?.phase.at === 'queued',
  'run: claimed': ({ before, commit }) => commit?.run?.op === 'claim' && before.run?.phase.at !== 'running',
  'run: taken over': ({ before, after }) => (after.run?.takeovers ?? 0) > (before.run?.takeovers ?? 0),
  'run: parks': ({ commit }) => commit?.run?.op === 'park',
  'run: ends': ({ commit }) => commit?.run?.op === 'end',
  'run: progress wipes out takeovers': ({ before, after, commit }) =>
    commit?.head?.step && before.run?.takeovers && after.run?.takeovers === 0,
  'run: is forgiven': ({ commit }) => commit?.head?.forgiven,
  'step: of calls is opened': ({ before, after }) => !before.step && after.step?.at === 'calls',
  'step: without calls': ({ after, commit }) => commit?.head?.step?.op === 'reply' && after.step === null,
  'step: failed': ({ after, commit }) => commit?.head?.step?.op === 'failed' && after.step?.at === 'failed',
  'step: is closed': ({ before, after, commit }) => commit?.head?.step?.op === 'close' && before.step && !after.step,
  'step: of an earlier run is dropped': ({ before, after, commit }) =>
    commit?.run?.op === 'start' && before.step && !after.step,
  'call: is sent': ({ commit }) => commit?.calls?.some(({ state }) => state?.at === 'sent'),
  'call: its gate opens': ({ commit }) => commit?.calls?.some(({ gate }) => gate),
  'call: that moved on stays as it is': ({ before, commit }) =>
    commit?.calls?.some(({ callId, state }) => state && endedIn(before.step, callId)),
  'call: of no open step': ({ before, moved }) => moved && before.step?.at !== 'calls',
  'call: settles by itself': ({ before, after, moved }) => moved && after !== before,
  'call: nothing moved': ({ before, after, moved }) => moved && after === before,
  'call: owes what its body used': ({ after }) => callsOf(after.step).some(({ usage }) => usage),
  'call: still owes it': ({ after, commit }) => commit?.calls && callsOf(after.step).some(({ usage }) => usage),
  'call: owes it no more': ({ before, after }) =>
    callsOf(before.step).some((call) => call.usage && callsOf(after.step).some((one) => paid(call.callId, one))),
  'verdict: is given': ({ commit }) => commit?.head?.step?.op === 'close',
  'verdict: with its reply': ({ commit }) => commit?.head?.step?.op === 'reply' && commit.head.step.verdict,
  'verdict: a message opens the question again': ({ before, after, commit }) =>
    commit?.messages && !commit.run && before.verdict.is === 'done' && after.verdict.is === 'continue',
  'verdict: stays for the next run': ({ after, commit }) =>
    commit?.head?.verdictStays && commit.messages && after.verdict.is === 'done',
  'verdict: of an earlier run is gone': ({ before, after, commit }) =>
    commit?.run?.op === 'start' && before.verdict.is !== 'continue' && after.verdict.is === 'continue',
  'state: is patched': ({ before, after }) => after.state !== before.state,
  'messages: are counted': ({ before, after }) => after.messageCount > before.messageCount,
  'stream: moves': ({ before, after }) => after.streamSequence !== before.streamSequence,
  'usage: adds up': ({ before, after }) => after.usage.tokens.total > before.usage.tokens.total,
  'context: of a reply': ({ before, after }) => after.contextTokens > before.contextTokens,
  'context: is not told': ({ commit }) => commit?.head?.step?.op === 'reply' && commit.usage?.length === 0,
  'context: of a summary': ({ before, after, commit }) =>
    commit?.head?.step?.op === 'reply' &&
    commit.head.step.mode === 'compact' &&
    after.contextTokens < before.contextTokens,
  'context: of a summary is not told': ({ after, commit }) =>
    commit?.head?.step?.op === 'reply' && commit.head.step.mode === 'compact' && after.contextTokens === 0,
  'budget: is raised': ({ before, after }) => after.extraTokens > before.extraTokens,
  'wait: opens': ({ commit }) => commit?.waits?.some(({ op }) => op === 'open'),
  'wait: closes': ({ commit }) => commit?.waits?.some(({ op }) => op === 'close'),
  'child: is added': ({ before, after }) => after.children.length > before.children.length,
  'child: is let go': ({ before, after }) => after.children.length < before.children.length,
  'inbox: has something new': ({ before, after }) => after.inbox > before.inbox,
  'inbox: is known already': ({ before, after, entries }) => entries && after === before,
  'inbox: is dealt with': ({ before, after }) => after.unread.length < before.unread.length,
};

const first = 'session: is made';

/** The names of all turns. */
export const foldTurns: readonly string[] = [first, ...Object.keys(turns)];

/** The turns that one change took. */
export function turnsOf(folded: Folded): readonly string[] {
  const { before } = folded;
  if (!before) return [first];
  return Object.keys(turns).filter((name) => turns[name]?.({ ...folded, before }));
}

function endedIn(step: Parameters<typeof callsOf>[0], callId: string): boolean {
  return callsOf(step).some((call) => call.callId === callId && isFinal(call.state));
}

function paid(callId: string, call: { readonly callId: string; readonly usage?: unknown }): boolean {
  return call.callId === callId && !call.usage;
}
