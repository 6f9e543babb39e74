import { useCallback, useRef, useState } from 'react';
import { deleteChat, getChats, type ChatEntry, type ChatsPage } from './api.ts';
import { listChats, type OpenChat } from './list-chats.ts';
import { keepUnsent, unsentChats } from './unsent.ts';

const nothing: ChatsPage = { chats: [], cursor: null };

/** The conversations of this browser, newest first, as far as they were asked for. */
export function useChats(open: OpenChat) {
  const [{ chats, cursor }, setPage] = useState(nothing);
  const [unsent, setUnsent] = useState(unsentChats);
  const removals = useRef(0);
  /** Null where it cannot be had, or was asked for before one of its conversations was removed. */
  const read = useCallback(async (after: string | null): Promise<ChatsPage | null> => {
    const before = removals.current;
    const page = await getChats(after).catch(() => null);
    return removals.current === before ? page : null;
  }, []);
  /** Reads the newest again. */
  const refresh = useCallback((): void => {
    setUnsent(unsentChats());
    void read(null).then((page) => page && setPage((known) => withNewest(known, page)));
  }, [read]);
  const showMore = useCallback(async (): Promise<void> => {
    if (cursor === null) return;
    const page = await read(cursor);
    if (page) setPage((known) => ({ chats: union(known.chats, page.chats), cursor: page.cursor }));
  }, [read, cursor]);
  /** Rejects where the server could not be asked: then it is still there. */
  const remove = useCallback(
    async (id: string): Promise<void> => {
      await deleteChat(id);
      removals.current += 1;
      keepUnsent(id, null);
      setPage((known) => ({ ...known, chats: known.chats.filter((chat) => chat.id !== id) }));
      refresh();
    },
    [refresh],
  );
  return { chats: listChats(chats, unsent, open), hasMore: cursor !== null, refresh, showMore, remove };
}

/** What was read beyond the first page stays, and so does the place where it ends. */
function withNewest(known: ChatsPage, page: ChatsPage): ChatsPage {
  const isBeyond = known.chats.length > page.chats.length;
  return isBeyond ? { chats: union(page.chats, known.chats), cursor: known.cursor } : page;
}

function union(first: readonly ChatEntry[], then: readonly ChatEntry[]): ChatEntry[] {
  const ids = new Set(first.map(({ id }) => id));
  return [...first, ...then.filter(({ id }) => !ids.has(id))];
}
