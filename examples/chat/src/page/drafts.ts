/** What was written and not sent, by conversation. It lives as long as its tab, and through reloads. */
export function readDraft(chat: string): string {
  return sessionStorage.getItem(keyOf(chat)) ?? '';
}

export function keepDraft(chat: string, text: string): void {
  if (text === '') sessionStorage.removeItem(keyOf(chat));
  else sessionStorage.setItem(keyOf(chat), text);
}

function keyOf(chat: string): string {
  return `helix-draft:${chat}`;
}
