// Would catch: an empty variable that points the chat at whatever listens on this machine, a password in a message.
import { describe, expect, it } from 'vitest';
import { readSettings } from './config.ts';
import { Problem } from './problem.ts';

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

  it.each(['x', '-1', '1.5', '70000'])('refuse PORT=%s', (port) => {
    expect(refusal({ PORT: port })?.message).toContain(JSON.stringify(port));
  });
});
