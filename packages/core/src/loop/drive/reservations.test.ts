// Would catch: a session that is driven because a read said that it is ours, while whoever asked for it has not heard yet.
import { expect, it, vi } from 'vitest';
import { Reservations } from './reservations.ts';

const read = async () => 'ours';

it('a read that nobody disturbs is answered', async () => {
  const reservations = new Reservations();
  reservations.add('s')();
  reservations.add('other');
  expect(await reservations.undisturbed('s', read)).toBe('ours');
});

it('a session that is reserved, as often as it is, is not read', async () => {
  const reservations = new Reservations();
  const [first] = [reservations.add('s'), reservations.add('s')];
  first();
  const reads = vi.fn<typeof read>(read);
  expect(await reservations.undisturbed('s', reads)).toBeUndefined();
  expect(reads).not.toHaveBeenCalled();
});

it('a read during which the session was reserved or driven says nothing, also where that is over', async () => {
  const reservations = new Reservations();
  for (const disturb of [() => reservations.add('s')(), () => reservations.disturb('s')]) {
    const reading = reservations.undisturbed('s', read);
    disturb();
    expect(await reading).toBeUndefined();
  }
});

it('a read waits for whoever asked for any session', async () => {
  const reservations = new Reservations();
  const release = reservations.addAny();
  const reading = reservations.undisturbed('s', read);
  let answered = false;
  void reading.then(() => (answered = true));
  for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  expect(answered).toBe(false);
  reservations.disturb('s');
  release();
  expect(await reading).toBeUndefined();
});
