import type { MouseEvent } from 'react';
import type { ListedChat } from './list-chats.ts';

interface SidebarProps {
  readonly chats: readonly ListedChat[];
  readonly current: string;
  readonly hasMore: boolean;
  readonly onMore: () => Promise<void>;
  /** null: a new conversation. */
  readonly onOpen: (id: string | null) => void;
}

/** The conversations of this browser, newest first. */
export function Sidebar({ chats, current, hasMore, onMore, onOpen }: SidebarProps) {
  return (
    <aside className="sidebar">
      <div className="brand">
        <span className="mark" aria-hidden="true" />
        Helix chat
      </div>
      <button type="button" className="new-chat" onClick={() => onOpen(null)}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <path d="M10 3.5v13M3.5 10h13" />
        </svg>
        New chat
      </button>
      <nav aria-label="Conversations">
        {chats.map(({ id, title, live, isUnsent }) => (
          <a
            key={id}
            href={`/c/${id}`}
            aria-current={id === current ? 'page' : undefined}
            onClick={(event) => {
              if (opensElsewhere(event)) return;
              event.preventDefault();
              onOpen(id);
            }}
          >
            <span className="title">{title}</span>
            {live && <Sign className="live" means="An answer is being written" />}
            {isUnsent && <Sign className="waits" means="Not sent yet" />}
          </a>
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

/** With a key held, a link opens in another tab or window, or is kept. */
function opensElsewhere({ ctrlKey, metaKey, shiftKey, altKey }: MouseEvent): boolean {
  return ctrlKey || metaKey || shiftKey || altKey;
}

function Sign({ className, means }: { readonly className: string; readonly means: string }) {
  return <span className={className} role="img" aria-label={means} title={means} />;
}
