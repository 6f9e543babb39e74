import type { ChatEntry } from './api.ts';
import type { UnsentChat } from './unsent.ts';

/** A conversation as the list shows it. */
export interface ListedChat extends ChatEntry {
  /** Its last message waits in this tab. */
  readonly isUnsent: boolean;
}

/**
 * The conversations that the server has, after those that only this tab knows of: nobody got their first message yet. The one that is
 * open says of itself what is not sent.
 */
export function listChats(known: readonly ChatEntry[], unsent: readonly UnsentChat[], open: string): ListedChat[] {
  const waiting = new Map(unsent.flatMap(({ chat, text }) => (chat === open ? [] : [[chat, text]])));
  const listed = known.map((entry) => ({ ...entry, isUnsent: waiting.delete(entry.id) }));
  const others = [...waiting].map(([id, text]) => ({ id, title: text.slice(0, 80), live: false, isUnsent: true }));
  return [...others, ...listed];
}
