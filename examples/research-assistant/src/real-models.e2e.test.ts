// Would catch: a model that HELIX_MODEL names and that is never asked, or is asked at another address, under another name or key.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startPostgres, type PostgresServer } from '@helix-agents/postgres-embedded';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FakeModels } from '../test/fake-models.ts';
import { lastEvent, runDemo } from '../test/run-demo.ts';

const folder = mkdtempSync(join(tmpdir(), 'helix-demo-'));
const answer = {
  answer: 'At seven.',
  citations: [{ path: 'garden.md', fromLine: 1, toLine: 1, quote: 'opens at seven' }],
};
let postgres: PostgresServer;
let models: FakeModels;

beforeAll(async () => {
  writeFileSync(join(folder, 'garden.md'), 'The blue gate opens at seven in the morning.\n');
  postgres = await startPostgres({ durability: 'none' });
  models = await FakeModels.start(answer);
});

afterAll(async () => {
  models?.close();
  await postgres?.stop();
  rmSync(folder, { recursive: true, force: true });
});

it.each<[string, (baseUrl: string) => Record<string, string>, string, string, object]>([
  [
    'anthropic:MODEL',
    (url) => ({ HELIX_MODEL: 'anthropic:claude-x', ANTHROPIC_API_KEY: 'key-a', ANTHROPIC_BASE_URL: url }),
    '/v1/messages',
    'claude-x',
    { 'x-api-key': 'key-a' },
  ],
  [
    'openai:MODEL',
    (url) => ({ HELIX_MODEL: 'openai:gpt-x', OPENAI_API_KEY: 'key-o', OPENAI_BASE_URL: url }),
    '/v1/responses',
    'gpt-x',
    { authorization: 'Bearer key-o' },
  ],
  [
    'the URL of a compatible server',
    (url) => ({ HELIX_MODEL: `${url}#llama-x`, HELIX_API_KEY: 'key-c' }),
    '/v1/chat/completions',
    'llama-x',
    { authorization: 'Bearer key-c' },
  ],
])(
  'HELIX_MODEL as %s asks that model, and its answer is the one that is told',
  async (_, env, path, model, headers) => {
    const variables = { ...env(models.baseUrl), DATABASE_URL: postgres.connectionString };
    const run = await runDemo(['When does the gate open?', '--dir', folder, '--json'], variables);
    expect(run.code).toBe(0);
    expect(lastEvent(run, 'end')?.result).toMatchObject({ status: 'completed', output: answer });
    expect(models.asked.splice(0)).toEqual([{ path, model, headers: expect.objectContaining(headers) }]);
  },
);
