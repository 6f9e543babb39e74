import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useRef, useState } from 'react';
import { getSnapshot } from './api.ts';
import { failureOf, isWanted, nextCatchUp, rest, type CatchUpEvent } from './catch-up.ts';

/** What the record has; `fresh` is null for a conversation that nothing was said in yet. */
export interface Found {
  readonly fresh: ChatSnapshot | null;
}

/** Reads the record of a conversation for a page that goes on meanwhile. */
export function useCatchUp(id: string) {
  const [state, show] = useState(rest);
  // What is asked between two drawings must be known as it is now.
  const now = useRef(rest);
  const looks = useRef(0);
  const enter = (event: CatchUpEvent): void => show((now.current = nextCatchUp(now.current, event)));
  return {
    /** Why the record could not be read, where the user is to hear of it. */
    failure: failureOf(state),
    /** Null where the page left it for something else: what it says may be over. Rejects where it cannot be read. */
    look: async ({ isTold }: { readonly isTold: boolean }): Promise<Found | null> => {
      const look = (looks.current += 1);
      enter({ type: 'look', look });
      try {
        const fresh = await getSnapshot(id);
        const wanted = isWanted(now.current, look);
        enter({ type: 'found', look });
        return wanted ? { fresh } : null;
      } catch (thrown) {
        const wanted = isWanted(now.current, look);
        enter({ type: 'failed', look, error: thrown as Error, isTold });
        if (wanted) throw thrown;
        return null;
      }
    },
    /** The page sets about something else. */
    leave: (): void => enter({ type: 'leave' }),
  };
}
