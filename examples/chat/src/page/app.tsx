import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useCallback, useEffect, useState } from 'react';
import { getAbout, getChats, getSnapshot, type About, type ChatEntry } from './api.ts';
import { Chat } from './chat.tsx';
import { ErrorCard } from './error-card.tsx';
import { Sidebar } from './sidebar.tsx';

/** The id of the conversation stands in the address, so a reload comes back to it. */
function readId(): string {
  const [, id] = /^\/c\/([A-Za-z0-9_-]{1,100})$/.exec(location.pathname) ?? [];
  return id ?? newId();
}

function newId(): string {
  return `chat-${crypto.randomUUID()}`;
}

type Loaded =
  | { readonly id: string; readonly snapshot: ChatSnapshot | null }
  | { readonly id: string; readonly error: Error };

/** The whole page: the conversations, and the one that is open. */
export function App() {
  const [id, setId] = useState(readId);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [about, setAbout] = useState<About | null>(null);
  const [chats, setChats] = useState<readonly ChatEntry[]>([]);
  const list = useCallback(() => void getChats().then(setChats, () => {}), []);
  const open = useCallback((next: string | null) => {
    history.pushState(null, '', next === null ? '/' : `/c/${next}`);
    setId(next ?? newId());
  }, []);

  useEffect(() => void getAbout().then(setAbout, () => {}), []);
  useEffect(() => {
    const goBack = () => setId(readId());
    addEventListener('popstate', goBack);
    return () => removeEventListener('popstate', goBack);
  }, []);
  useEffect(() => {
    let isCurrent = true;
    const show = (found: Loaded) => isCurrent && setLoaded(found);
    getSnapshot(id).then(
      (snapshot) => show({ id, snapshot }),
      (error: Error) => show({ id, error }),
    );
    list();
    return () => void (isCurrent = false);
  }, [id, list]);

  const current = loaded?.id === id ? loaded : null;
  return (
    <div className="page">
      <Sidebar chats={chats} current={id} onOpen={open} />
      {current && 'snapshot' in current && (
        <Chat key={id} id={id} snapshot={current.snapshot} about={about} onChange={list} />
      )}
      {current && 'error' in current && (
        <main className="chat">
          <div className="column">
            <ErrorCard text="This conversation could not be loaded." onRetry={async () => location.reload()} />
          </div>
        </main>
      )}
      {!current && <main className="chat" aria-busy="true" />}
    </div>
  );
}
