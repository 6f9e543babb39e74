import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useRef } from 'react';
import { getSnapshot } from './api.ts';

/** What the record has; `fresh` is null for a conversation that nothing was said in yet. */
export interface Found {
  readonly fresh: ChatSnapshot | null;
}

/** Reads the record of a conversation for a page that goes on meanwhile. */
export function useSnapshots(id: string) {
  const moves = useRef(0);
  return {
    /** Null where the page set about something else since it was asked for: what it says may be over. */
    read: async (): Promise<Found | null> => {
      const move = (moves.current += 1);
      const fresh = await getSnapshot(id);
      return move === moves.current ? { fresh } : null;
    },
    /** The page sets about something: what was asked for before is not wanted any more. */
    drop: (): void => void (moves.current += 1),
  };
}
