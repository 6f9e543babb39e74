// Would catch: a stack trace instead of a line, a silent stall, and a process that waits for ever for one that is gone.
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { json as bodyOf } from 'node:stream/consumers';
import type { ChildProcess } from 'node:child_process';
import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { endOf, lastEvent, runDemo, startDemo, type DemoEvent } from '../test/run-demo.ts';

const folder = mkdtempSync(join(tmpdir(), 'helix-demo-'));
const question = 'When does the blue gate open?';
const args = [question, '--dir', folder, '--json'];
let postgres: PostgresServer;
let env: Record<string, string>;
let provider: Server | undefined;

beforeAll(async () => {
  writeFileSync(join(folder, 'garden.md'), '# Garden\n\nThe blue gate opens at seven in the morning.\n');
  postgres = await startPostgres({ durability: 'none' });
  env = { DATABASE_URL: postgres.connectionString };
});

afterEach(() => {
  provider?.closeAllConnections();
  provider?.close();
});

afterAll(async () => {
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** The environment for a model that answers so. */
async function modelThat(answers: RequestListener): Promise<Record<string, string>> {
  provider = createServer(answers);
  await new Promise<void>((resolve) => provider?.listen(0, '127.0.0.1', resolve));
  const { port } = provider.address() as AddressInfo;
  return { ...env, HELIX_MODEL: `http://127.0.0.1:${port}/v1#model` };
}

async function nextEvent(child: ChildProcess, wanted: string): Promise<DemoEvent> {
  if (!child.stdout) throw new Error('the program has no standard output');
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as DemoEvent;
    if (event.event === wanted) return event;
  }
  throw new Error(`it ended without ${wanted}`);
}

describe('standard output', () => {
  it('that nobody reads any more stops the run without a word, and nothing is lost', async () => {
    const child = startDemo(args, env);
    const { sessionId = '' } = await nextEvent(child, 'begin');
    child.stdout?.destroy();
    expect(await endOf(child, false)).toMatchObject({ code: 0, signal: null, err: '' });
    const again = await runDemo([...args, '--session', sessionId], env);
    expect(lastEvent(again, 'end')?.result).toMatchObject({ status: 'completed' });
  });

  const formats = [
    { format: 'text', json: [] },
    { format: 'JSON', json: ['--json'] },
  ];
  it.runIf(existsSync('/dev/full')).each(formats)('that is full is told in one line, as $format', async ({ json }) => {
    const full = openSync('/dev/full', 'w');
    const run = await endOf(startDemo([question, '--dir', folder, ...json], env, full), false);
    closeSync(full);
    expect(run.code).toBe(74);
    expect(run.err.split('\n').filter((line) => /ENOSPC|^ +at /.test(line))).toEqual([
      expect.stringMatching(
        /^problem: standard output cannot be written \(ENOSPC\)\. What was recorded is kept\. Next: /,
      ),
    ]);
  });
});

describe('a model', () => {
  it('whose base URL is another server is asked once, and the next step names the URL', async () => {
    let asked = 0;
    const other = await modelThat((_request, response) => {
      asked += 1;
      response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>Not\nfound</h1>');
    });
    const run = await runDemo([question, '--dir', folder], other);
    expect(asked).toBe(1);
    expect(run.err).toMatch(
      /^problem: the base URL does not speak this protocol: .* \(provider_unreachable\)\. Every finished step is kept\. Next: Check the network and the base URL\. Then go on with --session \S+\.$/m,
    );
  });

  it('of a local server, whose template takes one system message and whose calls have no index, answers', async () => {
    const output = { answer: 'At seven.', citations: [] };
    const local = await modelThat((request, response) => {
      void bodyOf(request).then((body) => {
        const [, ...later] = (body as { messages: { role: string }[] }).messages;
        if (later.some(({ role }) => role === 'system'))
          return response.writeHead(400).end('{"error":"one is enough"}');
        const call = { function: { name: '__finish__', arguments: JSON.stringify(output) } };
        const delta = later.length === 1 ? { reasoning_content: 'Hm', content: 'At seven.' } : { tool_calls: [call] };
        const chunk = { choices: [{ index: 0, delta, finish_reason: 'stop' }] };
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        return response.end(`: loading\n\ndata: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`);
      });
    });
    expect(lastEvent(await runDemo(args, local), 'end')?.result).toMatchObject({ status: 'completed', output });
  });

  it('that fails at first is asked again, and each retry is told', async () => {
    let asked = 0;
    const busy = await modelThat((_request, response) => {
      asked += 1;
      response.writeHead(asked === 1 ? 503 : 401, { 'content-type': 'application/json' });
      response.end('{"error":{"message":"Come back later"}}');
    });
    const run = await runDemo(args, busy);
    expect(run.events.filter(({ event }) => event === 'retry')).toMatchObject([
      { attempt: 2, of: 4, code: 'provider_overloaded', reason: 'Come back later', waitMs: expect.any(Number) },
    ]);
    expect(lastEvent(run, 'problem')).toMatchObject({ code: 'provider_auth_failed', unharmed: expect.any(String) });
  });
});

describe('a run of another process', () => {
  /** A process that waits for its model, and one that follows its run. */
  async function ownerAndFollower() {
    const asked = Promise.withResolvers<void>();
    const owner = startDemo(args, await modelThat(() => asked.resolve()));
    const { sessionId = '' } = await nextEvent(owner, 'begin');
    await asked.promise;
    const follower = startDemo([...args, '--session', sessionId], env);
    const ended = endOf(follower, true);
    await nextEvent(follower, 'follows');
    return { owner, follower, ended };
  }

  it('is followed, not called recovered, and taken up when that process is killed', async () => {
    const { owner, ended } = await ownerAndFollower();
    owner.kill('SIGKILL');
    const run = await ended;
    expect(run.events.map(({ event }) => event).filter((event) => /follows|recovered|end/.test(event))).toEqual([
      'follows',
      'recovered',
      'end',
    ]);
    expect(lastEvent(run, 'end')?.result).toMatchObject({ status: 'completed' });
  });

  it('ends for both with Ctrl-C of the follower', async () => {
    const { owner, follower, ended } = await ownerAndFollower();
    const gone = once(owner, 'exit');
    follower.kill('SIGINT');
    expect(await ended).toMatchObject({ code: 130 });
    expect(await gone).toEqual([130, null]);
  });
});
