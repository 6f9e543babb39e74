import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useState } from 'react';
import { keepUnsent, readUnsent, type Unsent } from './unsent.ts';

/** The message of a conversation that the server does not have yet. */
export function useUnsent(id: string, snapshot: ChatSnapshot | null) {
  const [unsent, setUnsent] = useState(() => {
    const kept = readUnsent(id);
    if (!kept || !isRecorded(kept, snapshot)) return kept;
    keepUnsent(id, null);
    return null;
  });
  const keep = (message: Unsent | null): void => {
    keepUnsent(id, message);
    setUnsent(message);
  };
  return {
    unsent,
    keep,
    /** Nothing is unsent any more. */
    settle: () => keep(null),
    /** It is in the record after all. */
    compare: (fresh: ChatSnapshot) => {
      const kept = readUnsent(id);
      if (kept && isRecorded(kept, fresh)) keep(null);
    },
  };
}

function isRecorded({ id: said }: Unsent, snapshot: ChatSnapshot | null): boolean {
  return snapshot?.messages.some(({ id }) => id === said) ?? false;
}
