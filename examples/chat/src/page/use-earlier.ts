import type { ChatSnapshot, HelixUIMessage, UIMessagesPage } from '@helix-agents/ai-sdk';
import { useState, type Dispatch, type SetStateAction } from 'react';
import { getHistory } from './api.ts';

type Cursors = Readonly<Record<string, string | null>>;

/** Shows the messages before those that are shown, a page at a time. A cursor belongs to the message that a page begins with. */
export function useEarlier(
  id: string,
  shown: readonly HelixUIMessage[],
  snapshot: ChatSnapshot | null,
  setShown: Dispatch<SetStateAction<HelixUIMessage[]>>,
) {
  const [cursors, setCursors] = useState<Cursors>(() => (snapshot ? cursorOf(snapshot) : {}));
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');
  const before = cursors[shown[0]?.id ?? ''] ?? null;
  const learn = (page: UIMessagesPage): void => setCursors((known) => ({ ...known, ...cursorOf(page) }));
  /** Resolves with whether everything is shown. */
  const show = async (): Promise<boolean> => {
    if (before === null || state === 'loading') return false;
    setState('loading');
    const page = await getHistory(id, before).catch(() => null);
    setState(page ? 'idle' : 'failed');
    if (!page) return false;
    learn(page);
    setShown((now) => [...page.messages, ...now]);
    return page.before === null;
  };
  return { isThere: before !== null, state, learn, show };
}

function cursorOf({ messages, before }: UIMessagesPage): Cursors {
  const [first] = messages;
  return first ? { [first.id]: before } : {};
}
