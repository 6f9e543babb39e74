// Would catch: a conversation that cannot be found again because its first message was never sent, or that is there twice.
import { expect, it } from 'vitest';
import { listChats } from './list-chats.ts';

const entry = (id: string) => ({ id, title: `About ${id}`, live: false, updatedAt: 1 });

it('a conversation that only this tab knows of stands first, by what was said in it', () => {
  const listed = listChats([entry('a')], [{ chat: 'new', text: 'What is 2 + 2?' }], { id: 'a', isNew: false });
  expect(listed).toEqual([
    { id: 'new', title: 'What is 2 + 2?', live: false, updatedAt: null, isUnsent: true },
    { ...entry('a'), isUnsent: false },
  ]);
});

it('a conversation that the server has stays where it is, and says that something waits', () => {
  expect(listChats([entry('a'), entry('b')], [{ chat: 'b', text: 'More' }], { id: 'a', isNew: false })).toEqual([
    { ...entry('a'), isUnsent: false },
    { ...entry('b'), isUnsent: true },
  ]);
});

it('the one that is open says for itself what is not sent, and is listed once it was left', () => {
  const unsent = ['a', 'new'].map((chat) => ({ chat, text: 'Hi' }));
  const listed = (id: string, isNew: boolean) => listChats([entry('a')], unsent, { id, isNew });
  expect(listed('new', true)).toMatchObject([{ id: 'a', isUnsent: true }]);
  expect(listed('new', false)).toMatchObject([{ id: 'new', isUnsent: true }, { id: 'a' }]);
  expect(listed('a', false)).toMatchObject([{ id: 'new' }, { id: 'a', isUnsent: false }]);
});
