import { HelixError } from '../errors/helix-error.ts';
import type { SessionCommit } from './commit.ts';
import { checkId } from './ids.ts';

/** What no store takes, whatever stands in it. @throws HelixError `input_invalid` */
export function checkCommit(sessionId: string, { run }: SessionCommit): void {
  checkId('sessionId', sessionId);
  if (run?.op !== 'start' || run.sessionId === sessionId) return;
  throw new HelixError('input_invalid', `a commit for session ${sessionId} starts a run of another one`);
}
