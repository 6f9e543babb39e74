import { keep, readKept } from './tab-storage.ts';

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

function nameOf(chat: string): string {
  return `unsent:${chat}`;
}
