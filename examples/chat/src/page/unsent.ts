import { keep, keptNames, readKept } from './tab-storage.ts';

/** A message that was said, and that the server is not known to have. */
export interface Unsent {
  /** The id under which it is sent, however often: so it is said once. */
  readonly id: string;
  readonly text: string;
}

/** The one of a conversation. It lives as long as its tab, and through reloads. */
export function readUnsent(chat: string): Unsent | null {
  const kept = readKept(nameOf(chat));
  return kept === null ? null : (JSON.parse(kept) as Unsent);
}

export function keepUnsent(chat: string, unsent: Unsent | null): void {
  keep(nameOf(chat), unsent && JSON.stringify(unsent));
}

/** A conversation with such a message. */
export interface UnsentChat {
  readonly chat: string;
  readonly text: string;
}

/** Those of this tab. */
export function unsentChats(): UnsentChat[] {
  return keptNames().flatMap((name) => {
    const chat = name.startsWith(prefix) ? name.slice(prefix.length) : null;
    const unsent = chat === null ? null : readUnsent(chat);
    return chat !== null && unsent ? [{ chat, text: unsent.text }] : [];
  });
}

const prefix = 'unsent:';

function nameOf(chat: string): string {
  return prefix + chat;
}
