/** What this tab keeps through reloads, by name. */
export function readKept(name: string): string | null {
  return sessionStorage.getItem(`helix-${name}`);
}

/** `null` forgets it. What the browser has no room for lives only as long as the page. */
export function keep(name: string, text: string | null): void {
  sessionStorage.removeItem(`helix-${name}`);
  if (text === null) return;
  try {
    sessionStorage.setItem(`helix-${name}`, text);
  } catch {
    // Full.
  }
}
