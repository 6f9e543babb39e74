import type { ChatSnapshot, HelixUIMessage, UIMessagesPage } from '@helix-agents/ai-sdk';
import { useState } from 'react';
import { getHistory } from './api.ts';

type Cursors = Readonly<Record<string, string | null>>;

/** Gives the messages before those that are shown, a page at a time. A cursor belongs to the message that a page begins with. */
export function useEarlier(id: string, shown: readonly HelixUIMessage[], snapshot: ChatSnapshot | null) {
  const [cursors, setCursors] = useState<Cursors>(() => (snapshot ? cursorOf(snapshot) : {}));
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');
  const before = cursors[shown[0]?.id ?? ''] ?? null;
  const learn = (page: UIMessagesPage): void => setCursors((known) => ({ ...known, ...cursorOf(page) }));
  /** The page before; null where it could not be read. */
  const load = async (): Promise<UIMessagesPage | null> => {
    if (before === null || state === 'loading') return null;
    setState('loading');
    const page = await getHistory(id, before).catch(() => null);
    setState(page ? 'idle' : 'failed');
    if (page) learn(page);
    return page;
  };
  return { isThere: before !== null, state, learn, load };
}

function cursorOf({ messages, before }: UIMessagesPage): Cursors {
  const [first] = messages;
  return first ? { [first.id]: before } : {};
}
