import { useLayoutEffect, useRef, useState } from 'react';
import { keep, readKept } from './tab-storage.ts';

/** Where what is written for a new conversation is kept: it has no name yet that would be the same after a reload. */
const ofNew = 'new';

/** What is written and not sent, by conversation. It lives as long as its tab, and through reloads. */
export function useDraft(id: string, isNew: boolean) {
  const [text, write] = useState(() => readKept(nameOf(isNew ? ofNew : id)) ?? '');
  return { text, write };
}

/** Keeps a draft for its conversation, and takes it along where that begins. */
export function useKeptDraft(id: string, isBegun: boolean, text: string): void {
  const name = nameOf(isBegun ? id : ofNew);
  const last = useRef(name);
  useLayoutEffect(() => {
    if (last.current !== name) keep(last.current, null);
    last.current = name;
    keep(name, text === '' ? null : text);
  }, [name, text]);
}

function nameOf(chat: string): string {
  return `draft:${chat}`;
}
