// Catches: a failed start that leaves its reader with nothing but an exit code.
import { expect, test } from 'vitest';
import { explainFailure } from './explain-failure.ts';
import type { StartFailure } from './supervisor/supervisor-messages.ts';

const exited: StartFailure = { reason: 'exited', program: 'postgres', exit: { code: 1, signal: null } };
const plan = { dataDir: '/data', port: 5432 };

test.each([
  ['FATAL:  lock file "postmaster.pid" already exists', 'postgres_data_dir_in_use'],
  ['FATAL:  lock file "postmaster.pid" is empty', 'postgres_data_dir_in_use'],
  ['FATAL:  pre-existing shared memory block (key 1, ID 2) is still in use', 'postgres_data_dir_in_use'],
  ['LOG:  could not bind IPv4 address "127.0.0.1": Address already in use', 'postgres_port_taken'],
  ['LOG:  could not bind IPv4 address "127.0.0.1": Permission denied', 'postgres_port_not_permitted'],
  ['FATAL:  database files are incompatible with server', 'postgres_data_dir_other_version'],
  ['FATAL:  unrecognized configuration parameter "x"', 'postgres_setting_refused'],
  ['FATAL:  invalid value for parameter "max_connections": "many"', 'postgres_setting_refused'],
  ['FATAL:  16 is outside the valid range for parameter "shared_buffers"', 'postgres_setting_refused'],
  ['initdb: error: could not access directory "/data/18": Permission denied', 'postgres_data_dir_not_permitted'],
  ['FATAL:  data directory "/data" has wrong ownership', 'postgres_data_dir_not_permitted'],
  ['FATAL:  something new', 'postgres_start_failed'],
])('%s: %s', (line, code) => {
  const error = explainFailure(exited, ['LOG:  starting PostgreSQL', line], plan);
  expect(error.code).toBe(code);
  expect(error.message).toContain(line);
  expect(error.message).toContain(error.nextStep);
});

test('an end without a word names the program and how it ended', () => {
  const killed: StartFailure = { ...exited, exit: { code: null, signal: 'SIGKILL' } };
  expect(explainFailure(killed, [], plan)).toMatchObject({
    code: 'postgres_start_failed',
    what: 'postgres ended with SIGKILL.',
  });
});

test('an end of the supervisor itself is told with what it said, as where a bundle left its program behind', () => {
  const error = explainFailure(
    undefined,
    ["Error: Cannot find module '/app/supervisor-main.js'", '    at x', '}', 'Node.js v24.21.0'],
    plan,
  );
  expect(error.code).toBe('postgres_start_failed');
  expect(error.message).toContain('The supervising process ended.');
  expect(error.message).toContain('/app/supervisor-main.js');
});

test('what the supervisor knows is passed on', () => {
  const failure: StartFailure = { reason: 'refused', code: 'postgres_data_dir_foreign', what: 'It is not ours.' };
  expect(explainFailure(failure, ['FATAL: x'], plan)).toMatchObject({
    code: 'postgres_data_dir_foreign',
    what: 'It is not ours.',
  });
});

test('a port that only root may use is named, with what to do', () => {
  const line = 'LOG:  could not bind IPv4 address "127.0.0.1": Permission denied';
  expect(explainFailure(exited, [line], { ...plan, port: 80 })).toMatchObject({
    what: expect.stringContaining('The user that Postgres runs as may not use port 80 on 127.0.0.1.') as string,
    nextStep: 'Choose a port above 1023, or leave the option port out.',
    retryable: false,
  });
});
