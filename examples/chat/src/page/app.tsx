import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useCallback, useEffect, useState } from 'react';
import { getAbout, getSnapshot, type About } from './api.ts';
import { Chat } from './chat.tsx';
import { ErrorCard } from './error-card.tsx';
import type { OpenChat } from './list-chats.ts';
import { NotHere } from './not-here.tsx';
import { Sidebar } from './sidebar.tsx';
import { readUnsent } from './unsent.ts';
import { useChats } from './use-chats.ts';

const appName = 'Helix chat';

/** The id of the conversation stands in the address, so a reload comes back to it. */
function readOpen(): OpenChat {
  const [, id] = /^\/c\/([A-Za-z0-9_-]{1,100})$/.exec(location.pathname) ?? [];
  return id === undefined ? openNew() : { id, isNew: false };
}

/** Nobody knows of it yet, so nothing is asked about it. */
function openNew(): OpenChat {
  return { id: `chat-${crypto.randomUUID()}`, isNew: true };
}

type Loaded =
  | { readonly id: string; readonly snapshot: ChatSnapshot | null }
  | { readonly id: string; readonly isMissing: true }
  | { readonly id: string; readonly error: Error };

/** The whole page: the conversations, and the one that is open. */
export function App() {
  const [{ id, isNew }, setOpen] = useState(readOpen);
  const [loaded, setLoaded] = useState<Loaded | null>(null);
  const [about, setAbout] = useState<About | null>(null);
  const { chats, hasMore, refresh, showMore, remove } = useChats({ id, isNew });
  const open = useCallback((next: string | null) => {
    const address = next === null ? '/' : `/c/${next}`;
    // Else the way back would lead here as often as this was pressed.
    if (location.pathname !== address) history.pushState(null, '', address);
    setOpen(next === null ? openNew() : { id: next, isNew: false });
  }, []);

  const removeChat = async (gone: string): Promise<void> => {
    await remove(gone);
    if (gone === id) open(null);
  };

  const title = chats.find((chat) => chat.id === id)?.title;
  useEffect(() => void (document.title = title === undefined ? appName : `${title} · ${appName}`), [title]);
  useEffect(() => void getAbout().then(setAbout, () => {}), []);
  useEffect(() => {
    const goBack = () => setOpen(readOpen());
    addEventListener('popstate', goBack);
    return () => removeEventListener('popstate', goBack);
  }, []);
  useEffect(() => {
    let isCurrent = true;
    const show = (found: Loaded) => isCurrent && setLoaded(found);
    (isNew ? Promise.resolve(null) : getSnapshot(id)).then(
      (snapshot) => show(snapshot || isNew || readUnsent(id) ? { id, snapshot } : { id, isMissing: true }),
      // What was said here waits to be sent: it is shown also where nothing else can be.
      (error: Error) => show(readUnsent(id) ? { id, snapshot: null } : { id, error }),
    );
    refresh();
    return () => void (isCurrent = false);
  }, [id, isNew, refresh]);

  const current = loaded?.id === id ? loaded : null;
  return (
    <div className="page">
      <Sidebar chats={chats} current={id} hasMore={hasMore} onMore={showMore} onOpen={open} onRemove={removeChat} />
      {current && 'snapshot' in current && (
        <Chat key={id} id={id} isNew={isNew} snapshot={current.snapshot} about={about} onChange={refresh} />
      )}
      {current && 'isMissing' in current && <NotHere onNew={() => open(null)} />}
      {current && 'error' in current && (
        <main className="chat">
          <div className="column">
            <ErrorCard text="This conversation could not be loaded." onRetry={async () => location.reload()} />
          </div>
        </main>
      )}
      {!current && (
        <main className="chat loading" aria-busy="true">
          <div className="column">
            <div className="waiting" role="status" aria-label="Loading the conversation" />
          </div>
        </main>
      )}
    </div>
  );
}
