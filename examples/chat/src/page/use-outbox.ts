import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useState } from 'react';
import { keepUnsent, readUnsent, type Unsent } from './unsent.ts';

/** The message of a conversation that the server does not have yet, and why the one before it came back. */
export function useOutbox(id: string, snapshot: ChatSnapshot | null) {
  const [unsent, setUnsent] = useState(() => {
    const kept = readUnsent(id);
    if (!kept || !isRecorded(kept, snapshot)) return kept;
    keepUnsent(id, null);
    return null;
  });
  const [notSent, setNotSent] = useState<string | null>(null);
  const keep = (message: Unsent | null): void => {
    keepUnsent(id, message);
    setUnsent(message);
  };
  return {
    unsent,
    notSent,
    /** It is said, and goes out. */
    put: (message: Unsent) => {
      keep(message);
      setNotSent(null);
    },
    /** Nothing is unsent any more. */
    settle: () => keep(null),
    /** Its author has it again; `reason` is null where that is what they wanted. */
    giveBack: (reason: string | null) => {
      keep(null);
      setNotSent(reason);
    },
    forgetNotSent: () => setNotSent(null),
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
