/** Also what turns the direction of all text behind it. */
const control = /(?![\n\t])\p{Cc}|[\u202A-\u202E\u2066-\u2069]/gu;

/** Text of others, as it may stand on a terminal: lines and tabs stay, other control characters do nothing there. */
export function printable(text: string): string {
  return text.replaceAll(/\r(?=\n|$)/g, '').replaceAll(control, '\uFFFD');
}

/** The same in one line. */
export function printableLine(text: string): string {
  return printable(text.replaceAll(/\s+/g, ' ').trim());
}

/** A path in one line, so that two different ones look different. */
export function printablePath(path: string): string {
  return path.replaceAll(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
