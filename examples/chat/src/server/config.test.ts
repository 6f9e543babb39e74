// Would catch: an empty variable that points the chat at whatever listens on this machine, a password or a key in a message, a model
// that the demo takes and the chat does not, a key or an address that only fails when somebody says something.
import { Problem } from '@helix-agents/example-environment';
import { describe, expect, it } from 'vitest';
import { readSettings } from './config.ts';

const refusal = (env: Record<string, string>): Problem | null => {
  try {
    readSettings(env);
    return null;
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
};

describe('the settings', () => {
  it.each(['PORT', 'DATABASE_URL', 'HELIX_DATA_DIR', 'HELIX_MODEL'])(
    'take an empty %s as one that is not set',
    (name) => {
      expect(readSettings({ [name]: '' })).toEqual(readSettings({}));
      expect(readSettings({ [name]: ' ' })).toEqual(readSettings({}));
    },
  );

  it.each(['junk', 'localhost:5432', 'https://db.example'])('refuse DATABASE_URL=%s', (url) => {
    expect(refusal({ DATABASE_URL: url })?.message).toBe('DATABASE_URL names no Postgres');
  });

  it.each(['postgres://a:b@host:5432/c', 'postgresql://host/c', '/var/run/postgresql', 'socket:/run/postgresql?db=c'])(
    'take DATABASE_URL=%s',
    (url) => {
      expect(readSettings({ DATABASE_URL: url }).databaseUrl).toBe(url);
    },
  );

  it('never repeat a database address that they refuse: it may hold a password', () => {
    const problem = refusal({ DATABASE_URL: 'mysql://me:secret@host/db' });
    expect(`${problem?.message} ${problem?.nextStep}`).not.toContain('secret');
  });

  it.each(['http://localhost:11434/v1#llama3.2', 'HTTPS://models.test/v1#a/b:c'])(
    'take a server that speaks as OpenAI does: HELIX_MODEL=%s',
    (HELIX_MODEL) => {
      const [baseUrl, modelId] = HELIX_MODEL.split('#');
      expect(readSettings({ HELIX_MODEL }).model).toEqual({ kind: 'compatible', baseUrl, modelId, apiKey: null });
      expect(readSettings({ HELIX_MODEL, HELIX_API_KEY: 'k' }).model).toMatchObject({ apiKey: 'k' });
    },
  );

  it.each([
    ['gpt-5', /^HELIX_MODEL is "gpt-5"$/, /anthropic:MODEL, openai:MODEL or http:\/\/host\/v1#MODEL/],
    ['http://localhost/v1', /names no model: http:\/\/localhost\/v1$/, /#llama3\.2/],
    ['http://:::/#m', /no usable URL$/, /#llama3\.2/],
    ['http://me:secret@host/v1#m', /a user or a password/, /^(?!.*secret)/],
    ['openai:gpt-5', /^OPENAI_API_KEY is not set$/, /unset HELIX_MODEL/],
  ])('refuse HELIX_MODEL=%s, and say how it is written', (HELIX_MODEL, message, nextStep) => {
    const problem = refusal({ HELIX_MODEL });
    expect(problem?.message).toMatch(message);
    expect(problem?.message).not.toContain('secret');
    expect(problem?.nextStep).toMatch(nextStep);
  });

  it.each([
    ['a line break', 'sk-abc\nx'],
    ['a carriage return', 'sk-abc\r'],
    ['a space', 'sk abc'],
    ['typographic quotes', '“sk-abc”'],
  ])('refuse a key with %s, and do not show it', (_, key) => {
    const models = [
      { HELIX_MODEL: 'openai:m', OPENAI_API_KEY: key },
      { HELIX_MODEL: 'anthropic:m', ANTHROPIC_API_KEY: key },
      { HELIX_MODEL: 'http://localhost/v1#m', HELIX_API_KEY: key },
    ];
    for (const env of models) {
      const problem = refusal(env);
      expect(problem?.message).toMatch(/^\w+_API_KEY holds characters that no key has: /);
      expect(`${problem?.message} ${problem?.nextStep}`).not.toContain('abc');
    }
  });

  it.each([
    ['host/v1', /^\w+_BASE_URL holds no usable URL$/],
    ['localhost:8080/v1', /^\w+_BASE_URL holds no usable URL$/],
    ['ftp://host/v1', /^\w+_BASE_URL holds no usable URL$/],
    ['https://me:secret@host/v1', /^\w+_BASE_URL holds a user or a password/],
  ])('refuse the address %s of a provider, and say how it is written', (url, message) => {
    const models = [
      { HELIX_MODEL: 'openai:m', OPENAI_API_KEY: 'k', OPENAI_BASE_URL: url },
      { HELIX_MODEL: 'anthropic:m', ANTHROPIC_API_KEY: 'k', ANTHROPIC_BASE_URL: url },
    ];
    for (const env of models) {
      const problem = refusal(env);
      expect(problem?.message).toMatch(message);
      expect(problem?.nextStep).toBe('set it to https://host/v1, or unset it');
    }
  });

  it('take a provider with its key, at an address of its own or at the usual one', () => {
    const env = { HELIX_MODEL: 'openai:gpt-5', OPENAI_API_KEY: 'sk-1' };
    const model = { kind: 'openai', modelId: 'gpt-5', apiKey: 'sk-1' };
    expect(readSettings(env).model).toEqual({ ...model, baseUrl: null });
    const there = { OPENAI_BASE_URL: 'https://models.test/v1' };
    expect(readSettings({ ...env, ...there }).model).toEqual({ ...model, baseUrl: there.OPENAI_BASE_URL });
  });

  it.each(['x', '-1', '1.5', '70000'])('refuse PORT=%s', (port) => {
    expect(refusal({ PORT: port })?.message).toContain(JSON.stringify(port));
  });
});
