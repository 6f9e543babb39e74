import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

/**
 * Unpacks the Chromium of `@sparticuz/chromium`, once for each version and user. Returns its path.
 *
 * The package unpacks into the temporary folder of its process, takes whatever file called `chromium` lies there for
 * finished, and makes it executable for this user alone. So it runs in a process whose temporary folder is private, and the
 * result is moved into place when it is whole.
 */
export async function unpackChromium(): Promise<string> {
  const home = join(tmpdir(), `helix-chromium-${packageVersion()}-${userInfo().uid}`);
  const program = join(home, 'chromium');
  if (existsSync(program)) return program;

  await removeAbandoned(`${home}.`);
  const staging = await mkdtemp(`${home}.`);
  try {
    await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpack], {
      cwd: import.meta.dirname,
      env: { ...process.env, TMPDIR: staging },
    });
    // Where another process was faster, its copy is as good.
    await rename(staging, home).catch(() => {});
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
  return program;
}

/** Removes what processes that were killed while they unpacked have left: nobody unpacks for ten minutes. */
export async function removeAbandoned(prefix: string): Promise<void> {
  const folder = dirname(prefix);
  const names = (await readdir(folder)).filter((name) => name.startsWith(basename(prefix)));
  for (const path of names.map((name) => join(folder, name))) {
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > abandonedAfterMs) await rm(path, { recursive: true, force: true });
  }
}

const abandonedAfterMs = 600_000;

const unpack = `await (await import('@sparticuz/chromium')).default.executablePath();`;

function packageVersion(): string {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
  const manifest = readFileSync(join(dirname(entry), '../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
