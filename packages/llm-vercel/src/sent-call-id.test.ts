// Would catch: a result that answers another call, since a provider heard of both by one id.
import { expect, test } from 'vitest';
import { sentCallId } from './sent-call-id.ts';

test.each([
  (n: number) => `functions.weather:${n}`,
  (n: number) => `call_${n}`,
  (n: number) => `toolu_${n.toString(36).padStart(24, '0')}`,
])('ids that differ in little are replaced by as many others of nine letters and digits', (idOf) => {
  const sent = Array.from({ length: 50_000 }, (_, n) => sentCallId(idOf(n), { callId: /^$/ }));
  expect(new Set(sent).size).toBe(sent.length);
  expect(sent.filter((id) => !/^[A-Za-z0-9]{9}$/.test(id))).toEqual([]);
});
