import type { ChatEntry } from './api.ts';
import type { UnsentChat } from './unsent.ts';

/** A conversation as the list shows it. */
export interface ListedChat extends Omit<ChatEntry, 'updatedAt'> {
  /** Null for one that the server does not have yet. */
  readonly updatedAt: number | null;
  /** Its last message waits in this tab. */
  readonly isUnsent: boolean;
}

/** The conversation that is open; a new one has no address yet. */
export interface OpenChat {
  readonly id: string;
  readonly isNew: boolean;
}

/**
 * The conversations that the server has, after those that only this tab knows of: nobody got their first message yet. The one that is
 * open says of itself what is not sent, and a new one is in no list before it is sent or left.
 */
export function listChats(known: readonly ChatEntry[], unsent: readonly UnsentChat[], open: OpenChat): ListedChat[] {
  const left = unsent.filter(({ chat }) => chat !== open.id || !open.isNew);
  const waiting = new Map(left.map(({ chat, text }) => [chat, text]));
  const listed = known.map((entry) => ({ ...entry, isUnsent: waiting.delete(entry.id) && entry.id !== open.id }));
  const others = [...waiting].map(([id, text]) => {
    return { id, title: text.slice(0, 80), live: false, updatedAt: null, isUnsent: true };
  });
  return [...others, ...listed];
}
