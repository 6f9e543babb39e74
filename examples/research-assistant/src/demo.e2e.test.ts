// Would catch: a made-up citation, a crash that loses or repeats a step, a mistake that is answered with a stack trace.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync, renameSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import { isRunning, listProcesses } from '@helix-agents/postgres-embedded/processes';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { endOf, lastEvent, runDemo, startDemo, type DemoRun } from '../test/run-demo.ts';

const repository = fileURLToPath(new URL('../../../', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'helix-demo-'));
let postgres: PostgresServer;
let refusing: Server;
let env: Record<string, string>;

const files = {
  'garden.md':
    '# Garden\n\nThe blue gate opens at seven in the morning. Tomatoes are watered on\nTuesdays and Fridays.\n',
  'kitchen.txt': 'Bread is baked before sunrise.\nThe oven of the blue kitchen was built by Marta in 1987.\n',
};

beforeAll(async () => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  writeFileSync(join(folder, 'picture.bin'), Buffer.from([1, 0, 2, 0, 255]));
  postgres = await startPostgres({ durability: 'none' });
  env = { DATABASE_URL: postgres.connectionString };
  refusing = createServer((_request, response) => {
    response.writeHead(401, { 'content-type': 'application/json' });
    response.end(
      '{"error":{"message":"Incorrect API key provided","type":"invalid_request_error","code":"invalid_api_key"}}',
    );
  });
  await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
});

afterAll(async () => {
  refusing?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

const ask = (...args: string[]) => runDemo([...args, '--dir', folder, '--json'], env);
const question = 'Who built the oven of the blue kitchen, and when does the gate open?';

function expectQuoted(run: DemoRun, root = folder): void {
  const citations = lastEvent(run, 'end')?.result?.output?.citations ?? [];
  expect(citations.length).toBeGreaterThan(0);
  for (const { path, fromLine, toLine, quote } of citations) {
    const lines = readFileSync(join(root, path), 'utf8')
      .split('\n')
      .slice(fromLine - 1, toLine);
    expect(lines.join(' ').replaceAll(/\s+/g, ' ')).toContain(quote);
  }
}

describe('the answer', () => {
  it('quotes the files that it was given, word for word', async () => {
    const run = await ask(question);
    expect(run.code).toBe(0);
    expectQuoted(run);
    const cited = lastEvent(run, 'end')?.result?.output?.citations.map(({ path }) => path);
    expect(new Set(cited)).toEqual(new Set(Object.keys(files)));
    expect(run.events.filter(({ event }) => event === 'skipped')).toMatchObject([
      { path: 'picture.bin', reason: 'it is not text' },
    ]);
  });

  it('in a pipe is plain text: the answer on standard output, the way to it on standard error', async () => {
    const run = await runDemo([question, '--dir', folder], env);
    expect(run.out).toContain('built by Marta in 1987');
    expect(run.out).not.toContain('→');
    expect(run.err).toContain('→ search_documents');
    expect(run.err).toContain('no language model');
    expect(run.err).toContain('Looking for built, oven, blue, kitchen, gate, open.');
    // eslint-disable-next-line no-control-regex -- no escape sequences outside of a terminal
    expect(run.out + run.err).not.toMatch(/\u001B/);
  });

  it('comes with the steps, tokens, milliseconds and session that it took', async () => {
    const end = lastEvent(await ask(question), 'end');
    expect(end).toMatchObject({ result: { stepCount: 4, sessionId: expect.stringMatching(/^ses_/) } });
    expect(end?.usage?.tokens.total).toBeGreaterThan(0);
    expect(end?.milliseconds).toBeGreaterThan(0);
  });

  it('comes from this repository’s docs and READMEs where no folder is named', async () => {
    const run = await runDemo(['How is a crash survived?', '--json'], env);
    expect(run.code).toBe(0);
    const paths = lastEvent(run, 'end')?.result?.output?.citations.map(({ path }) => path) ?? [];
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths) expect(path).toMatch(/^docs\/|README\.md$/);
    expectQuoted(run, repository);
  });

  it('says so where the documents do not speak of it', async () => {
    const run = await ask('Quantum chromodynamics?');
    expect(lastEvent(run, 'end')?.result?.output).toEqual({
      answer: 'Nothing in the documents speaks of this.',
      citations: [],
    });
  });

  it('names the words of the question that the documents do not have', async () => {
    const answer = lastEvent(await ask('When does the blue gate of the castle open?'), 'end')?.result?.output?.answer;
    expect(answer).toBe('The blue gate opens at seven in the morning. No sentence here has the word “castle”.');
  });
});

describe('a session', () => {
  it.each([1, 2, 3])(
    'that crashed after step %i goes on from there, with the steps of an undisturbed run',
    async (steps) => {
      const calm = lastEvent(await ask(question), 'end')?.result;
      const crashed = await ask(question, '--crash-after', String(steps));
      expect(crashed.signal).toBe('SIGKILL');
      const sessionId = lastEvent(crashed, 'begin')?.sessionId ?? '';
      const recovered = await ask(question, '--session', sessionId);
      const told = lastEvent(recovered, 'recovered');
      expect(told).toMatchObject({ stepsDone: steps });
      const tool = ['search_documents', 'read_document', 'keep_note'][steps - 1];
      expect(new Set(told?.results?.map(({ toolName }) => toolName))).toEqual(new Set([tool]));
      expect(lastEvent(recovered, 'end')?.result).toMatchObject({
        status: 'completed',
        stepCount: calm?.stepCount,
        output: calm?.output,
      });
      expectQuoted(recovered);
    },
  );

  it('goes on at once from the embedded database, which died with the demo', async () => {
    const own = { HELIX_DATA_DIR: join(folder, '.data') };
    const crashed = await runDemo([question, '--dir', folder, '--crash-after', '2', '--json'], own);
    const sessionId = lastEvent(crashed, 'begin')?.sessionId ?? '';
    const { events } = await runDemo(['--session', sessionId, '--json'], own);
    const told = events.filter(({ event }) => ['follows', 'recovered', 'end', 'problem'].includes(event));
    expect(told).toMatchObject([
      { event: 'recovered', stepsDone: 2 },
      { event: 'end', result: { status: 'completed', stepCount: 4 } },
    ]);
  });

  it('is finished by its id alone, and then has nothing left open', async () => {
    const crashed = await ask(question, '--crash-after', '2');
    const sessionId = lastEvent(crashed, 'begin')?.sessionId ?? '';
    expect(lastEvent(await ask('--session', sessionId), 'end')?.result).toMatchObject({
      status: 'completed',
      stepCount: 4,
    });
    const again = await ask('--session', sessionId);
    expect(again.events.at(-1)).toMatchObject({ event: 'problem', message: 'nothing was left open in this session' });
  });

  it('that was stopped by Ctrl-C says that it goes on', async () => {
    const child = startDemo([question, '--dir', folder, '--json'], env);
    const ended = endOf(child, true);
    const onTold = (data: Buffer) => {
      if (!data.includes('step_end')) return;
      child.stdout?.off('data', onTold);
      child.kill('SIGINT');
    };
    child.stdout?.on('data', onTold);
    const stopped = await ended;
    expect(stopped.code).toBe(130);
    const run = await ask('--session', lastEvent(stopped, 'begin')?.sessionId ?? '');
    const told = lastEvent(run, 'resumed');
    expect(told?.stepsDone).toBeGreaterThan(0);
    expect(lastEvent(run, 'end')?.result?.status).toBe('completed');
  });

  it('takes the next question', async () => {
    const first = await ask(question);
    const sessionId = lastEvent(first, 'begin')?.sessionId ?? '';
    const second = await ask('When are tomatoes watered?', '--session', sessionId);
    expect(lastEvent(second, 'end')?.result).toMatchObject({ status: 'completed', turn: 2 });
    expect(lastEvent(second, 'end')?.result?.output?.answer).toContain('Tuesdays and Fridays');
  });
});

describe('a session that was left open', () => {
  async function crashed(): Promise<string> {
    return lastEvent(await ask(question, '--crash-after', '2'), 'begin')?.sessionId ?? '';
  }

  it('keeps its folder, and refuses another one', async () => {
    const sessionId = await crashed();
    const other = await runDemo(['--session', sessionId, '--dir', tmpdir(), '--json'], env);
    expect(other.code).toBe(2);
    expect(other.events).toMatchObject([
      {
        event: 'problem',
        message: expect.stringContaining(folder),
        nextStep: expect.stringContaining('leave --dir out'),
      },
    ]);
    const away = `${folder}-away`;
    renameSync(folder, away);
    const gone = await runDemo(['--session', sessionId, '--json'], env);
    renameSync(away, folder);
    expect(gone.events).toMatchObject([{ event: 'problem', nextStep: expect.stringContaining('put the folder back') }]);
    const run = await runDemo(['--session', sessionId, '--json'], env);
    expect(lastEvent(run, 'end')?.result).toMatchObject({ status: 'completed', stepCount: 4 });
    expectQuoted(run);
  });

  it('is answered before the next question is', async () => {
    const sessionId = await crashed();
    const run = await runDemo(['When are tomatoes watered?', '--session', sessionId, '--json'], env);
    const answers = run.events.flatMap(({ event, result }) => (event === 'end' ? [result?.output?.answer] : []));
    expect(answers).toEqual([expect.stringContaining('Marta'), expect.stringContaining('Tuesdays and Fridays')]);
  });
});

describe('a mistake gets one line with the next step, and a code', () => {
  it.each<[string, string[], Record<string, string>, string, string]>([
    ['an empty question', ['  '], {}, 'the question is empty', 'npm run demo'],
    ['no such folder', ['x', '--dir', '/no/such/folder'], {}, 'there is no folder /no/such/folder', 'correct --dir'],
    ['an unknown session', ['x', '--session', 'nobody'], {}, 'there is no session nobody', 'check the id'],
    ['a question without quotes', ['two', 'words'], {}, 'the question came in 2 parts: "two" "words"', 'quote it'],
    ['a folder without a name', ['x', '--dir', ''], {}, '--dir names nothing', 'npm run demo'],
    ['a session without a name', ['x', '--session', ''], {}, '--session names nothing', 'npm run demo'],
    ['an unknown option', ['x', '--fast'], {}, "Unknown option '--fast'", 'npm run demo'],
    ['a number that is none', ['x', '--crash-after', 'soon'], {}, '--crash-after takes a whole number', 'npm run demo'],
    ['a missing key', ['x'], { HELIX_MODEL: 'openai:gpt-5' }, 'OPENAI_API_KEY is not set', 'set it to your key'],
    ['a model that is none', ['x'], { HELIX_MODEL: 'gpt-5' }, 'HELIX_MODEL is "gpt-5"', 'anthropic:MODEL'],
    [
      'a database that is not there',
      ['x'],
      { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' },
      'the database cannot be used',
      'check DATABASE_URL',
    ],
    ['a database that is none', ['x'], { DATABASE_URL: 'banana' }, 'DATABASE_URL names no Postgres', 'postgres://'],
  ])('%s', async (_name, args, extra, message, nextStep) => {
    const run = await runDemo([...args, ...(args.includes('--dir') ? [] : ['--dir', folder]), '--json'], {
      ...env,
      ...extra,
    });
    expect(run.code).toBeGreaterThan(0);
    expect(run.events.at(-1)).toMatchObject({
      event: 'problem',
      message: expect.stringContaining(message),
      nextStep: expect.stringContaining(nextStep),
      code: expect.stringMatching(/^[a-z]+_[a-z_]+$/),
      unharmed: 'Nothing was begun.',
    });
    expect(run.err).toBe('');
  });

  it.each([
    ['that the system refuses', '/proc/nowhere', 'cannot be made'],
    ['that is a file', join(folder, 'garden.md'), 'is not a folder'],
    ['below a file', join(folder, 'garden.md', 'data'), 'cannot be made'],
  ])('a folder for the data %s, within seconds', { timeout: 20_000 }, async (_name, dataDir, message) => {
    const run = await runDemo(['x', '--dir', folder, '--json'], { HELIX_DATA_DIR: dataDir });
    expect(run.code).toBe(1);
    expect(run.events.at(-1)).toMatchObject({
      event: 'problem',
      message: expect.stringMatching(new RegExp(`${message}.*(?<!\\.)$`)),
      nextStep: expect.stringContaining('HELIX_DATA_DIR'),
    });
  });

  it('a file that is not text', async () => {
    const run = await runDemo(['x', '--dir', join(folder, 'picture.bin'), '--json'], env);
    expect(run.code).toBe(2);
    expect(run.events.at(-1)).toMatchObject({
      event: 'problem',
      message: 'there is no text to read: picture.bin: it is not text',
    });
  });

  it('a wrong key, and the session is kept', async () => {
    const { port } = refusing.address() as AddressInfo;
    const openai = {
      HELIX_MODEL: 'openai:gpt-5',
      OPENAI_API_KEY: 'wrong',
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
    };
    const run = await runDemo([question, '--dir', folder, '--json'], { ...env, ...openai });
    expect(run.code).toBeGreaterThan(0);
    const sessionId = lastEvent(run, 'begin')?.sessionId ?? '';
    expect(run.events.at(-1)).toMatchObject({
      event: 'problem',
      nextStep: expect.stringContaining(`--session ${sessionId}`),
    });
    const again = await ask(question, '--session', sessionId);
    expect(lastEvent(again, 'end')?.result).toMatchObject({ status: 'completed', turn: 1 });
  });

  it('no network, and the session is kept', async () => {
    const run = await runDemo([question, '--dir', folder, '--json'], {
      ...env,
      HELIX_MODEL: 'http://127.0.0.1:1/v1#none',
    });
    expect(run.code).toBeGreaterThan(0);
    const sessionId = lastEvent(run, 'begin')?.sessionId ?? '';
    expect(run.events.at(-1)).toMatchObject({
      event: 'problem',
      message: expect.stringMatching(/connect|reach/i),
      nextStep: expect.stringContaining(`--session ${sessionId}`),
    });
    const again = await ask(question, '--session', sessionId);
    expect(lastEvent(again, 'end')?.result).toMatchObject({ status: 'completed', turn: 1 });
  });
});

it('a relative folder counts from where npm was called', async () => {
  const run = await runDemo([question, '--dir', basename(folder), '--json'], { ...env, INIT_CWD: dirname(folder) });
  expectQuoted(run);
});

it('--help prints how it is used', async () => {
  const run = await runDemo(['--help'], {});
  expect(run).toMatchObject({ code: 0, err: '', out: expect.stringContaining('HELIX_DATA_DIR') });
});

describe('the embedded Postgres', () => {
  it.each(['SIGINT', 'SIGKILL'] as const)('is gone within 3 s after %s', async (signal) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'helix-demo-data-'));
    const child = startDemo([question, '--dir', folder, '--json'], { HELIX_DATA_DIR: dataDir });
    await expect.poll(() => postmasterOf(dataDir), { timeout: 20_000, interval: 20 }).toBeGreaterThan(0);
    const pid = postmasterOf(dataDir);
    child.kill(signal);
    await expect.poll(() => isRunning(pid), { timeout: 3_000 }).toBe(false);
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('is gone within 3 s after SIGKILL of the npm that runs the demo, and so is the demo', async () => {
    const dataDir = mkdtempSync(join(tmpdir(), 'helix-demo-data-'));
    // It waits for its model, so that it does not end by itself.
    const silent = createServer(() => {});
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as AddressInfo;
    const variables = { HELIX_DATA_DIR: dataDir, HELIX_MODEL: `http://127.0.0.1:${port}/v1#model` };
    const npm = spawn('npm', ['run', '--silent', 'demo', '--', question, '--dir', folder], {
      cwd: repository,
      env: { ...process.env, ...variables },
      stdio: 'ignore',
    });
    await once(silent, 'request');
    const pid = postmasterOf(dataDir);
    expect(await isRunning(pid)).toBe(true);
    const demos = async () => (await listProcesses()).filter(({ command }) => command.includes(folder));
    expect((await demos()).length).toBeGreaterThan(1);
    npm.kill('SIGKILL');
    await expect.poll(() => isRunning(pid), { timeout: 3_000 }).toBe(false);
    await expect.poll(demos, { timeout: 3_000 }).toEqual([]);
    silent.closeAllConnections();
    silent.close();
    rmSync(dataDir, { recursive: true, force: true });
  });
});

function postmasterOf(dataDir: string): number {
  const path = join(dataDir, '18/pgdata/postmaster.pid');
  return existsSync(path) ? Number(readFileSync(path, 'utf8').split('\n')[0]) : 0;
}
