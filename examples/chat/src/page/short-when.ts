/** When something was, as short as tells it from others: a time of today, a day of this year, a day of another one. */
export function shortWhen(at: number, now = Date.now()): string {
  const [then, today] = [new Date(at), new Date(now)];
  if (then.toDateString() === today.toDateString())
    return then.toLocaleTimeString(undefined, { hour: 'numeric', minute: '2-digit' });
  const isThisYear = then.getFullYear() === today.getFullYear();
  return then.toLocaleDateString(undefined, {
    day: 'numeric',
    month: 'short',
    ...(!isThisYear && { year: 'numeric' }),
  });
}
