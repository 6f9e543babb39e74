import {
  finishToolName,
  fold,
  foldInbox,
  streamIdOf,
  upcast,
  type CommitRecord,
  type InboxEntry,
  type MessageRecord,
} from '@helix-agents/core';
import { canonical, resultsOf, type KeptSession, type LogRow, type Tell } from './kept-session.ts';
import type { Said } from './session-user.ts';
import { maxBodiesOf, verifiedResult, type SoakState } from './soak-agents.ts';

/** Codes with which a run may fail: everything else is our own fault. */
const honestFailures = new Set(['provider_error', 'provider_overloaded', 'framework_output_missing']);

/** Judges the records of a session: against each other, what its users were told, and the bodies that began for it. */
export function judgeRecords(
  kept: KeptSession,
  said: readonly Said[],
  bodies: ReadonlyMap<string, number>,
  tell: Tell,
): void {
  judgeLog(kept, tell);
  judgeRuns(kept, tell);
  judgeTranscript(kept.messages, tell);
  for (const one of said) judgeSaid(kept, one, tell);
  judgeUsers(kept.messages, said, tell);
  judgeState(kept, tell);
  judgeBodies(kept, bodies, tell);
}

/** Nothing lacks, nothing is there twice, and what the store says of the session is what its commits come to. */
function judgeLog({ log, inbox, session }: KeptSession, tell: Tell): void {
  for (const [index, { version, epoch, token }] of log.entries()) {
    const before = log[index - 1];
    if (version !== index + 1) tell(`version ${version} stands at place ${index + 1}`);
    if (epoch < (before?.epoch ?? 0)) tell(`version ${version} is of an earlier epoch than the one before`);
    if (token === before?.token) tell(`version ${version} is the one before once more`);
  }
  const [first, ...rest] = log.map(decode);
  if (!first) return tell('there is no log');
  const entries = inbox.map(({ seq, body }): InboxEntry => upcast('inbox', { ...(JSON.parse(body) as object), seq }));
  const folded = rest.reduce((before, commit) => fold(before, commit), foldInbox(fold(null, first), entries));
  if (canonical(folded) !== canonical(session))
    tell(`its commits come to ${canonical(folded)}, the store says ${canonical(session)}`);
}

function decode({ version, epoch, token, body, messages }: LogRow): CommitRecord {
  const stored = JSON.parse(body) as object;
  return upcast('commit', { ...stored, version, epoch, token, ...(messages && { messages: JSON.parse(messages) }) });
}

function judgeRuns({ log, runs }: KeptSession, tell: Tell): void {
  const changes = log.flatMap((row) => decode(row).run ?? []);
  const begun = changes.filter(({ op }) => op === 'start').length;
  const ended = changes.filter((change) => change.op === 'end' || (change.op === 'start' && change.supersedes)).length;
  if (begun !== ended || begun !== runs.length) tell(`${begun} runs began, ${ended} ended, ${runs.length} are known`);
  for (const { runId, phase } of runs) {
    if (phase.at !== 'ended') tell(`the run ${runId} has no end: it is ${phase.at}`);
    else if (phase.outcome === 'failed' && !honestFailures.has(phase.error?.code ?? ''))
      tell(`the run ${runId} failed with ${JSON.stringify(phase.error)}`);
  }
}

/** Each call has one result, right behind its reply and in order; ids and places are there once. */
function judgeTranscript(messages: readonly MessageRecord[], tell: Tell): void {
  const ids = new Set<string>();
  const mustBeNew = (id: string) => {
    if (ids.has(id)) tell(`${id} is there twice`);
    ids.add(id);
  };
  let owed: string[] = [];
  for (const [index, { seq, id, role, parts }] of messages.entries()) {
    if (seq !== index + 1) tell(`message ${seq} stands at place ${index + 1}`);
    mustBeNew(id);
    if (role !== 'tool' && owed.length > 0) tell(`a ${role} message stands before the result of ${owed[0]}`);
    for (const part of parts) {
      if (part.type === 'tool-call') {
        mustBeNew(`call ${part.toolCallId}`);
        owed.push(part.toolCallId);
      } else if (part.type === 'tool-result') {
        if (owed[0] !== part.toolCallId) tell(`a result of ${part.toolCallId} stands where ${owed[0]} is owed`);
        owed = owed.filter((callId) => callId !== part.toolCallId);
      }
    }
  }
  if (owed.length > 0) tell(`there is no result of ${owed.join()}`);
}

/** What was acknowledged is there once and began the run that was named; what was refused left no trace. */
function judgeSaid({ messages, runs }: KeptSession, { messageId, text, fate, runIds }: Said, tell: Tell): void {
  const found = messages.filter(({ id }) => id === messageId);
  if (fate === 'acknowledged' && found.length === 0) tell(`${messageId} was acknowledged, and is not there`);
  if (fate === 'refused' && found.length > 0) tell(`${messageId} was refused, and is there`);
  if (runs.filter(({ key }) => key === messageId).length > 1) tell(`${messageId} made two turns`);
  for (const { parts, runId } of found) {
    if (canonical(parts) !== canonical([{ type: 'text', text }])) tell(`${messageId} is not what was said`);
    for (const told of runIds) if (told !== runId) tell(`${messageId} began ${runId}, its user was told ${told}`);
  }
}

function judgeUsers(messages: readonly MessageRecord[], said: readonly Said[], tell: Tell): void {
  const known = new Set(said.map(({ messageId }) => messageId));
  for (const { id, role } of messages) if (role === 'user' && !known.has(id)) tell(`nobody said ${id}`);
}

/** Each call with a result of its body wrote once, each other one not at all. */
function judgeState({ session, messages }: KeptSession, tell: Tell): void {
  const { log, sum, by } = session.state as unknown as SoakState;
  const wrote = resultsOf(messages).flatMap(({ toolCallId, toolName, outcome }) =>
    toolName !== finishToolName && outcome.type === 'result' && outcome.value !== verifiedResult ? [toolCallId] : [],
  );
  const same = (one: readonly string[]) => one.toSorted().join() === wrote.toSorted().join();
  if (sum !== wrote.length || !same(log) || !same(Object.keys(by)))
    tell(`the transcript has results of ${wrote.join()}, the state is ${JSON.stringify(session.state)}`);
}

/** What the model was told of a call is what happened. */
function judgeBodies({ session, messages }: KeptSession, bodies: ReadonlyMap<string, number>, tell: Tell): void {
  for (const { toolCallId, toolName, outcome } of resultsOf(messages)) {
    const began = bodies.get(`${streamIdOf(session)}:${toolCallId}`) ?? 0;
    if (began > maxBodiesOf(toolName)) tell(`${began} bodies of ${toolName} ${toolCallId} began`);
    if (outcome.type === 'result' && toolName !== finishToolName && began === 0)
      tell(`${toolCallId} has a result, and no body began`);
    if (outcome.type === 'not-executed' && began > 0) tell(`${toolCallId} was not executed, it says, but a body began`);
  }
}
