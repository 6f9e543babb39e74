import { misuse, Problem } from '@helix-agents/example-environment';
import type { SessionSnapshot, SessionStateStore } from '@helix-agents/sdk';
import { openFolder, type Folder } from './documents/folder.ts';

/** The session that somebody names. */
export async function findSession(store: SessionStateStore, sessionId: string): Promise<SessionSnapshot> {
  const session = await store.load(sessionId);
  if (session) return session;
  throw new Problem(
    'state_session_not_found',
    `there is no session ${sessionId}`,
    'check the id, or leave --session out to begin a new one',
    { exitCode: 2 },
  );
}

/** The documents of a session; null: of none yet. Where they are not there any more, another folder by --dir would not do. */
export async function openFolderOf(session: SessionSnapshot | null, dir: string | null): Promise<Folder> {
  if (!session) return openFolder(dir);
  return openFolder(folderOf(session, dir)).catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
    const next = 'put the folder back, or leave --session out to begin anew';
    throw new Problem(error.code, error.message, next, { exitCode: error.exitCode });
  });
}

/** A session keeps the folder that it began with: its citations are checked against it. null: the repository's documents. */
function folderOf({ identity }: SessionSnapshot, dir: string | null): string | null {
  const own = identity.metadata?.['folder'] ?? null;
  if (dir === null || dir === own) return own;
  const where = own ?? 'this repository’s documents';
  throw misuse(`this session reads ${where}, not ${dir}`, 'leave --dir out, or leave --session out to begin anew');
}
