// Would catch: a reader who stops, or a full disk, that ends the program with a stack trace.
import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { isUnread, openOutput } from './output.ts';

function breaking(code: string): Writable {
  return new Writable({ write: (_chunk, _encoding, done) => done(Object.assign(new Error(code), { code })) });
}

test.each([
  ['EPIPE', true],
  ['ENOSPC', false],
])('after %s on standard output nothing is written any more, and the reason is known', async (code, unread) => {
  const { out, closed } = openOutput(breaking(code), new PassThrough());
  const told = new Promise((resolve) => closed.addEventListener('abort', resolve, { once: true }));
  out('one');
  await told;
  out('two');
  expect(closed.reason).toMatchObject({ code });
  expect(isUnread(closed)).toBe(unread);
});

test('standard error that breaks takes nothing else with it', async () => {
  const answers = new PassThrough();
  const { out, err, closed } = openOutput(answers, breaking('EPIPE'));
  err('progress');
  await new Promise(setImmediate);
  err('progress');
  out('the answer');
  expect(closed.aborted).toBe(false);
  expect(String(answers.read())).toBe('the answer');
});
