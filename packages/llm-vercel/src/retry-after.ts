import type { ErrorFacts } from './error-facts.ts';

/**
 * Milliseconds that a provider asks to wait: `retry-after-ms`, else `retry-after` in seconds or as a date, else Google's `RetryInfo` in
 * the body. A date is measured from the server's own clock where it tells it, so that a wrong clock here does no harm.
 */
export function retryAfterMsIn(
  { headers, body }: Pick<ErrorFacts, 'headers' | 'body'>,
  nowMs: number,
): number | undefined {
  const exact = numberIn(headers['retry-after-ms']);
  if (exact !== undefined) return Math.max(0, Math.ceil(exact));
  const text = headers['retry-after'];
  const seconds = numberIn(text);
  if (seconds !== undefined) return Math.max(0, Math.ceil(seconds * 1000));
  const until = dateIn(text);
  return until === undefined ? retryInfoMsIn(body) : Math.max(0, until - (dateIn(headers['date']) ?? nowMs));
}

function retryInfoMsIn(body: string): number | undefined {
  const seconds = /"retryDelay"\s*:\s*"([\d.]+)s"/.exec(body)?.[1];
  return seconds === undefined ? undefined : Math.ceil(Number(seconds) * 1000);
}

function numberIn(text: string | undefined): number | undefined {
  const value = text?.trim() ? Number(text) : Number.NaN;
  return Number.isFinite(value) ? value : undefined;
}

function dateIn(text: string | undefined): number | undefined {
  const value = Date.parse(text ?? '');
  return Number.isNaN(value) ? undefined : value;
}
