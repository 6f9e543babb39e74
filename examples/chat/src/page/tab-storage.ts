const ours = 'helix-';

/** What this tab keeps through reloads, by name. */
export function readKept(name: string): string | null {
  return sessionStorage.getItem(ours + name);
}

/** The names of all that is kept. */
export function keptNames(): string[] {
  return Object.keys(sessionStorage).flatMap((key) => (key.startsWith(ours) ? [key.slice(ours.length)] : []));
}

/** `null` forgets it. What the browser has no room for lives only as long as the page. */
export function keep(name: string, text: string | null): void {
  sessionStorage.removeItem(ours + name);
  if (text === null) return;
  try {
    sessionStorage.setItem(ours + name, text);
  } catch {
    // Full.
  }
}
