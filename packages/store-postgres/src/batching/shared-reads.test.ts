// Would catch: a hundred readers that ask a hundred times, and one that is answered from before it asked.
import { expect, it } from 'vitest';
import { SharedReads } from './shared-reads.ts';

function queries() {
  const answers: PromiseWithResolvers<number>[] = [];
  const query = () => {
    const answer = Promise.withResolvers<number>();
    answers.push(answer);
    return answer.promise;
  };
  return { answers, query };
}

it('answers all who ask at the same moment with one query', async () => {
  const reads = new SharedReads<number>();
  let asked = 0;
  const query = async () => (asked += 1);
  const woken = Promise.resolve();
  const readers = Array.from({ length: 100 }, () => woken.then(() => reads.read('a', query)));
  expect(new Set(await Promise.all(readers))).toEqual(new Set([1]));
  expect(asked).toBe(1);
});

it('answers all who ask while a query is under way with the one after it', async () => {
  const reads = new SharedReads<number>();
  const { answers, query } = queries();
  const first = reads.read('a', query);
  await Promise.resolve();
  const others = [reads.read('a', query), reads.read('a', query)];
  expect(answers).toHaveLength(1);
  answers[0]?.resolve(1);
  await expect(first).resolves.toBe(1);
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.resolve(2);
  await expect(Promise.all(others)).resolves.toEqual([2, 2]);
});

it('asks anew for who comes later, and apart for another key', async () => {
  const reads = new SharedReads<number>();
  let asked = 0;
  const query = async () => (asked += 1);
  await expect(reads.read('a', query)).resolves.toBe(1);
  await expect(Promise.all([reads.read('a', query), reads.read('b', query)])).resolves.toEqual([2, 3]);
});

it('tells only those of a failed query, and goes on', async () => {
  const reads = new SharedReads<number>();
  const { answers, query } = queries();
  const first = reads.read('a', query);
  await Promise.resolve();
  const second = reads.read('a', query);
  answers[0]?.reject(new Error('lost'));
  await expect(first).rejects.toThrow('lost');
  await expect.poll(() => answers.length).toBe(2);
  answers[1]?.resolve(2);
  await expect(second).resolves.toBe(2);
});
