import { spawn } from 'node:child_process';

/** Ends the server when even the supervisor is killed. */
export interface OrphanGuard {
  /** The process to end; `undefined` when it has ended. */
  watch(pid: number | undefined): void;
  /** All is in order. Resolves when the guard itself is gone. */
  release(): Promise<void>;
}

/** A shell, because who kills every `node` at once kills owner and supervisor together. It reads until its giver is gone. */
const script = `
trap '' HUP INT TERM
pid=
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then
  kill -QUIT "$pid"
  tries=0
  while kill -0 "$pid" && [ $tries -lt 10 ]; do tries=$((tries + 1)); sleep 0.1; done
  kill -KILL "$pid"
fi 2>/dev/null
rm -rf -- "$1" || { sleep 0.5; rm -rf -- "$1"; }
`;

/** @param scratch - Folder that is removed with the server. */
export function startOrphanGuard(scratch: string): OrphanGuard {
  const guard = spawn('/bin/sh', ['-c', script, 'helix-postgres-guard', scratch], {
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // Someone may kill or stop the guard, too. The supervisor goes on, and ends, without it.
  const exited = new Promise<unknown>((resolve) => guard.once('exit', resolve).on('error', resolve));
  guard.stdin.on('error', () => {});
  return {
    watch: (pid) => void guard.stdin.write(`${pid ?? ''}\n`),
    release: async () => {
      guard.kill('SIGKILL');
      await exited;
    },
  };
}
