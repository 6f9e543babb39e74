import type { CommitOutcome, SessionCommit, SessionSnapshot, SessionStateStore } from '@helix-agents/core';

type Parts = Omit<SessionCommit, 'v' | 'token' | 'fence' | 'at'>;

let made = 0;

/** An id that no other test has. */
export function newId(prefix: string): string {
  made += 1;
  return `${prefix}-${process.pid}-${made}`;
}

/** The first commit of a session. */
export function startCommit(sessionId: string, run: { holderId?: string; runtime?: string } = {}): SessionCommit {
  const { holderId, runtime = 'js' } = run;
  const about = { agentType: 'tester', runtime };
  return {
    v: 1,
    token: newId('token'),
    at: 1_000,
    fence: { as: 'entry', expectRunId: null, version: 0, inbox: 0 },
    run: {
      op: 'start',
      sessionId,
      runId: `run-${sessionId}`,
      turn: 1,
      entry: 'execute',
      key: null,
      startedAt: 1_000,
      startSequence: 0,
      ...about,
      ...(holderId && { claim: { holderId } }),
    },
    head: { create: { ...about, state: { count: 0 }, identity: {}, systemPrompt: null } },
  };
}

/** Where a commit of an owner stands. */
type Place = Pick<SessionSnapshot, 'epoch' | 'version' | 'lastToken'>;

/** Where the session stands, as a store reads it. */
export async function placeOf(store: SessionStateStore, sessionId: string): Promise<Place> {
  const session = await store.load(sessionId);
  return session ?? Promise.reject(new Error(`there is no session ${sessionId}`));
}

/** A commit of the owner, on top of a place. */
export function ownerCommit(
  { epoch, version, lastToken }: Place,
  parts: Parts = textParts('hello'),
  fence: { readonly inbox?: number } = {},
): SessionCommit {
  const at = 1_000 + version;
  return { v: 1, token: newId('token'), at, fence: { as: 'owner', epoch, version, lastToken, ...fence }, ...parts };
}

/** Where the session stands once a commit landed. */
export function nextPlace({ version, epoch }: Place, { token }: SessionCommit): Place {
  return { version: version + 1, epoch, lastToken: token };
}

/** Writes so many commits one after the other; refused is a failure of the test. */
export async function writeOn(
  store: SessionStateStore,
  sessionId: string,
  count: number,
  partsOf: (version: number) => Parts = () => textParts('hello'),
): Promise<void> {
  let place = await placeOf(store, sessionId);
  for (let written = 0; written < count; written += 1) {
    const commit = ownerCommit(place, partsOf(place.version));
    must(await store.commit(sessionId, commit));
    place = nextPlace(place, commit);
  }
}

/** A call of a reply, before anything was done of it. */
export const plannedCall = {
  v: 1,
  callId: 'c',
  toolName: 't',
  kind: 'tool',
  input: {},
  gate: { at: 'open' },
  replay: 'never',
  sequential: false,
  attempts: 0,
  state: { at: 'planned' },
} as const;

/** A reply that ends its step. */
export function textParts(text: string): Parts {
  const id = newId('message');
  return { messages: [{ v: 1, id, role: 'assistant', parts: [{ type: 'text', text }], runId: 'run', createdAt: 1 }] };
}

/** Makes a session and resolves with its id; refused is a failure of the test. */
export async function start(store: SessionStateStore, run?: { holderId?: string; runtime?: string }): Promise<string> {
  const sessionId = newId('session');
  must(await store.commit(sessionId, startCommit(sessionId, run)));
  return sessionId;
}

export function must(outcome: CommitOutcome): CommitOutcome & { landed: true } {
  if (outcome.landed === true) return outcome;
  throw new Error(`a commit did not land: ${JSON.stringify(outcome)}`);
}

export function landed(outcomes: readonly CommitOutcome[]): number {
  return outcomes.filter((outcome) => outcome.landed === true).length;
}
