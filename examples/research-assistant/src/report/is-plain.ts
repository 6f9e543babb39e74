/** Whether the user wants no colours, or has a terminal that knows none. */
export function isPlain(env: Readonly<Record<string, string | undefined>>): boolean {
  return Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
}
