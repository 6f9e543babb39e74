import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { isStopped } from './use-turn.ts';

/** Why the record is asked what became of the last message: nothing was heard, the user wants it, or the server refused. */
export type Why = 'lost' | 'asked' | 'refused';

/**
 * What a page does about the last message. `send`: it never arrived, so it is sent again. `give-back`: it cannot be sent, so its
 * author has it back. `try-again`: its answer did not come to an end. `catch-up`: others came after it, so all is shown anew. `follow`: it has its answer,
 * or gets it.
 */
export type Next = 'send' | 'give-back' | 'try-again' | 'catch-up' | 'follow';

/** `said`: id of the last message of the user; `fresh`: the record, null where there is none. */
export function nextOf(
  said: string | undefined,
  fresh: Pick<ChatSnapshot, 'messages' | 'status'> | null,
  why: Why,
): Next {
  if (said === undefined) return 'follow';
  const fate = fateOf(said, fresh?.messages ?? []);
  if (fate === 'lost') return why === 'refused' || fresh?.status === 'running' ? 'give-back' : 'send';
  if (fate === 'passed') return 'catch-up';
  const isCut = fresh !== null && (fresh.status === 'failed' || isStopped(fresh));
  return isCut && why === 'asked' ? 'try-again' : 'follow';
}

/** Whether a message never arrived, is the last that was said, or has others after it. */
function fateOf(said: string, recorded: ChatSnapshot['messages']): 'lost' | 'last' | 'passed' {
  if (!recorded.some(({ id }) => id === said)) return 'lost';
  return recorded.findLast(({ role }) => role === 'user')?.id === said ? 'last' : 'passed';
}
