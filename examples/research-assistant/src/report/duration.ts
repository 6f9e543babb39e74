/** `0.8 s`, `12 s`, `15 min`, `2.5 h`: as exact as a person wants it. */
export function duration(ms: number): string {
  if (ms < 60_000) return `${rounded(ms / 1000)} s`;
  return ms < 7_200_000 ? `${rounded(ms / 60_000)} min` : `${rounded(ms / 3_600_000)} h`;
}

function rounded(value: number): number {
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}
