// Would catch: a notice that Postgres refuses because it is too long, or that wakes its own sender.
import { expect, test } from 'vitest';
import { packTopics, unpackTopics } from './payload.ts';

const topics = Array.from({ length: 1_000 }, (_, index) => `session/scope/session-${index}`);

test('payloads stay below what Postgres takes, and together hold every topic once', () => {
  const payloads = packTopics('one', topics);
  for (const payload of payloads) expect(new TextEncoder().encode(payload).length).toBeLessThan(8_000);
  expect(payloads.flatMap((payload) => unpackTopics('other', payload))).toEqual(topics);
});

test('the sender does not hear itself', () => {
  expect(packTopics('one', topics).flatMap((payload) => unpackTopics('one', payload))).toEqual([]);
});
