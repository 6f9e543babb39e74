// Would catch: two calls with one name, a reply of many calls that stops the process while it is read, and one whose ids make a
// decision as large as the provider likes.
import { expect, it } from 'vitest';
import type { Decision } from '../decide/decision.ts';
import { Transcript } from '../owner/transcript.ts';
import { inOrder, uniqueIds } from './call-names.ts';

const names = () => uniqueIds(new Transcript(async () => []));

it('calls of one id get names of their own, in order, and the same when they are asked for again', () => {
  const reply = names();
  const [nameOfCall, nameOfPart] = [inOrder(reply), inOrder(reply)];
  const ids = ['a', 'b', 'a', 'a_2', 'a'];
  const given = ids.map((id) => nameOfCall(id));
  expect(given).toEqual(['a', 'b', 'a_2', 'a_2_2', 'a_3']);
  expect(ids.map((id) => nameOfPart(id))).toEqual(given);
});

it('the lowest number that is free is taken, also between names that the model gave', () => {
  const nameOf = inOrder(names());
  const ids = ['a_3', 'a', 'a', 'a', 'a', 'a_5', 'a'];
  expect(ids.map((id) => nameOf(id))).toEqual(['a_3', 'a', 'a_2', 'a_4', 'a_5', 'a_5_2', 'a_6']);
});

it('a thousand calls of one id are named in a moment', () => {
  const nameOf = inOrder(names());
  const from = performance.now();
  const given = Array.from({ length: 1_000 }, () => nameOf('call_0'));
  expect(new Set(given).size).toBe(1_000);
  expect(performance.now() - from).toBeLessThan(1_000);
});

it.each([
  ['of many letters', 'x'.repeat(5_000)],
  ['of letters of three bytes', '界'.repeat(200)],
  ['of characters that JSON escapes', '\u0001'.repeat(200)],
])('a decision over 64 calls has at most 32 KiB, whatever their ids are: %s', (_, long) => {
  const reply = names();
  const ids = Array.from({ length: 64 }, (_unused, index) => `${long}${index % 60}`);
  const tools = ids.map(inOrder(reply));
  const decision: Decision = { kind: 'dispatch', tools, children: [] };
  expect(new TextEncoder().encode(JSON.stringify(decision)).length).toBeLessThanOrEqual(32 * 1024);
  expect(new Set(tools).size).toBe(64);
  expect(ids.map(inOrder(reply))).toEqual(tools);
});

it('a few calls keep the ids that they have, however long: a proxy may have put into them what it must be given back', () => {
  const ids = Array.from({ length: 5 }, (_, index) => `call_${index}__thought__${'x'.repeat(4_572)}`);
  expect(ids.map(inOrder(names()))).toEqual(ids);
});
