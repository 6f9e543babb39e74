// Catches: a server that starts for the developer who wrote this and for nobody who checks out elsewhere or as someone else.
import { chmod, chown, mkdir, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { copyCheckout } from '../test/checkout.ts';
import { firstWords, ownerIn, spawnOwner, stillRunning, type Owner } from '../test/owner.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';

const nobody = { uid: 65_534, gid: 65_534 };

interface Scene {
  readonly program: string;
  readonly temporary: string;
  readonly user?: { uid: number; gid: number };
}

async function startOwner({ program, temporary, user }: Scene, options: object = {}): Promise<Owner> {
  const child = spawnOwner(options, { ...user, program, cwd: '/', env: { TMPDIR: temporary, HOME: temporary } });
  onTestFinished(() => void child.kill('SIGKILL'));
  return await ownerIn(child);
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
  user?: Scene['user'];
}): Promise<Scene> {
  const home = await temporaryFolder();
  const temporary = await temporaryFolder();
  if (user) await chown(temporary, user.uid, user.gid);
  const program = await copyCheckout(home, { links });
  if (secret) await chmod(home, 0o700);
  return user ? { program, temporary, user } : { program, temporary };
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

describe.runIf(process.getuid?.() === 0)('as root', () => {
  test('Postgres runs as another user', async () => {
    const owner = await startOwner(await scene({}));
    expect((await stat(owner.folder)).uid).toBe(nobody.uid);
    await end(owner);
  });

  test('a checkout, temporary folder and data folder that only root may enter will do', async () => {
    const secret = await scene({ secret: true });
    await chmod(secret.temporary, 0o700);
    await end(await startOwner(secret));
    const dataDir = join(secret.temporary, 'data');
    const owner = await startOwner(secret, { dataDir });
    expect(owner.folder).toBe(join(dataDir, '18', 'pgdata'));
    await end(owner);
    await end(await startOwner(secret, { dataDir }));
  });

  test("an ordinary user's start is his own, and root starts his data as him", async () => {
    const ordinary = await scene({ user: nobody });
    await end(await startOwner(ordinary));
    const dataDir = join(ordinary.temporary, 'data');
    await end(await startOwner(ordinary, { dataDir }));
    const owner = await startOwner({ program: ordinary.program, temporary: ordinary.temporary }, { dataDir });
    expect((await stat(owner.folder)).uid).toBe(nobody.uid);
    await end(owner);
    await end(await startOwner(ordinary, { dataDir }));
  });

  test('a data folder that an ordinary user may not write is refused', async () => {
    const ordinary = await scene({ user: nobody });
    const dataDir = await temporaryFolder({ mode: 0o700 });
    await mkdir(join(dataDir, '18'));
    const child = spawnOwner(
      { dataDir },
      { ...nobody, program: ordinary.program, cwd: '/', env: { TMPDIR: ordinary.temporary } },
    );
    expect(await firstWords(child)).toMatchObject({ failed: 'postgres_data_dir_not_permitted' });
  });
});
