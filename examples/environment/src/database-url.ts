import { misuse } from './problem.ts';

/** The Postgres of `DATABASE_URL`; null for the embedded one. What is refused is not shown: it may hold a password. */
export function readDatabaseUrl(url: string | undefined): string | null {
  if (url === undefined) return null;
  if (url.startsWith('/') || (/^(postgres(ql)?|socket):/.test(url) && URL.canParse(url))) return url;
  throw misuse(
    'DATABASE_URL names no Postgres',
    'set it to postgres://user:password@host:5432/database, or unset it to use the embedded one',
  );
}
