import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
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

  const staging = await mkdtemp(`${home}.`);
  await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', unpack], {
    cwd: import.meta.dirname,
    env: { ...process.env, TMPDIR: staging },
  });
  try {
    await rename(staging, home);
  } catch {
    // Another process was faster; its copy is as good.
    await rm(staging, { recursive: true, force: true });
  }
  return program;
}

const unpack = `await (await import('@sparticuz/chromium')).default.executablePath();`;

function packageVersion(): string {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
  const manifest = readFileSync(join(dirname(entry), '../package.json'), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
