// Catches: a system whose user "nobody" has another number, or none.
import { expect, test } from 'vitest';
import { nobodyIn } from './unprivileged-user.ts';

const root = 'root:x:0:0:root:/root:/bin/sh\n';

test.each([
  ['nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin', { uid: 65_534, gid: 65_534 }],
  ['nobody:*:-2:-2:Unprivileged User:/var/empty:/usr/bin/false', { uid: -2, gid: -2 }],
])('%s', (line, user) => {
  expect(nobodyIn(root + line)).toEqual(user);
});

test('a system without it is refused', () => {
  expect(() => nobodyIn(root)).toThrow(expect.objectContaining({ code: 'postgres_no_unprivileged_user' }));
});
