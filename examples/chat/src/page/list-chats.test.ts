// Would catch: a conversation that cannot be found again because its first message was never sent, or that is there twice.
import { expect, it } from 'vitest';
import { listChats } from './list-chats.ts';

const entry = (id: string) => ({ id, title: `About ${id}`, live: false });

it('a conversation that only this tab knows of stands first, by what was said in it', () => {
  const listed = listChats([entry('a')], [{ chat: 'new', text: 'What is 2 + 2?' }], 'a');
  expect(listed).toEqual([
    { id: 'new', title: 'What is 2 + 2?', live: false, isUnsent: true },
    { ...entry('a'), isUnsent: false },
  ]);
});

it('a conversation that the server has stays where it is, and says that something waits', () => {
  expect(listChats([entry('a'), entry('b')], [{ chat: 'b', text: 'More' }], 'a')).toEqual([
    { ...entry('a'), isUnsent: false },
    { ...entry('b'), isUnsent: true },
  ]);
});

it('the one that is open says for itself what is not sent', () => {
  const unsent = ['a', 'new'].map((chat) => ({ chat, text: 'Hi' }));
  expect(listChats([entry('a')], unsent, 'new')).toMatchObject([{ id: 'a', isUnsent: true }]);
  expect(listChats([entry('a')], unsent, 'a')).toMatchObject([{ id: 'new' }, { id: 'a', isUnsent: false }]);
});
