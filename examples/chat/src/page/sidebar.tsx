import { useRef, type MouseEvent } from 'react';
import type { ListedChat } from './list-chats.ts';
import { shortWhen } from './short-when.ts';

interface SidebarProps {
  readonly chats: readonly ListedChat[];
  readonly current: string;
  readonly hasMore: boolean;
  readonly onMore: () => Promise<void>;
  /** null: a new conversation. */
  readonly onOpen: (id: string | null) => void;
  /** Rejects where it could not be done. */
  readonly onRemove: (id: string) => Promise<void>;
}

/** The conversations of this browser, newest first. */
export function Sidebar({ chats, current, hasMore, onMore, onOpen, onRemove }: SidebarProps) {
  return (
    <aside className="sidebar">
      <h1 className="brand">
        <span className="mark" aria-hidden="true" />
        Helix chat
      </h1>
      <button type="button" className="new-chat" onClick={() => onOpen(null)}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 3.5v13M3.5 10h13" />
        </svg>
        New chat
      </button>
      <nav aria-label="Conversations">
        {chats.map((chat) => (
          <Entry key={chat.id} chat={chat} isCurrent={chat.id === current} onOpen={onOpen} onRemove={onRemove} />
        ))}
        {hasMore && (
          <button type="button" className="more" onClick={() => void onMore()}>
            Show older
          </button>
        )}
      </nav>
    </aside>
  );
}

interface EntryProps extends Pick<SidebarProps, 'onOpen' | 'onRemove'> {
  readonly chat: ListedChat;
  readonly isCurrent: boolean;
}

function Entry({ chat: { id, title, live, isUnsent, updatedAt }, isCurrent, onOpen, onRemove }: EntryProps) {
  const row = useRef<HTMLDivElement>(null);
  const remove = async (): Promise<void> => {
    if (!confirm(`Delete “${title}”? It cannot be brought back.`)) return;
    const beside = row.current?.nextElementSibling ?? row.current?.previousElementSibling;
    await onRemove(id).then(
      // Whoever uses the keyboard goes on where they were, or writes where the list is empty now.
      () => (beside?.querySelector('a') ?? document.querySelector('textarea'))?.focus(),
      () => alert('The conversation could not be deleted. It is still there; try again.'),
    );
  };
  return (
    <div className="entry" ref={row}>
      <a
        href={`/c/${id}`}
        aria-current={isCurrent ? 'page' : undefined}
        onClick={(event) => {
          if (opensElsewhere(event)) return;
          event.preventDefault();
          onOpen(id);
        }}
      >
        <span className="title">{title}</span>
        {updatedAt !== null && <When at={updatedAt} />}
        {live && <Sign className="live" means="An answer is being written" />}
        {isUnsent && <Sign className="waits" means="Not sent yet" />}
      </a>
      <button
        type="button"
        className="remove"
        aria-label={`Delete “${title}”`}
        title="Delete"
        onClick={() => void remove()}
      >
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M4 6h12M8 6V4h4v2M6 6l.7 10h6.6L14 6" />
        </svg>
      </button>
    </div>
  );
}

/** Tells conversations of one title apart. */
function When({ at }: { readonly at: number }) {
  const date = new Date(at);
  return (
    <time dateTime={date.toISOString()} title={date.toLocaleString()}>
      {shortWhen(at)}
    </time>
  );
}

/** With a key held, a link opens in another tab or window, or is kept. */
function opensElsewhere({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return ctrlKey || metaKey || shiftKey || altKey;
}

function Sign({ className, means }: { readonly className: string; readonly means: string }) {
  return <span className={className} role="img" aria-label={means} title={means} />;
}
