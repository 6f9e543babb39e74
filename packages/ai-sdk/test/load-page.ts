import { applyPatch } from '@helix-agents/core';
import type { ChatSnapshot } from '../src/index.ts';
import type { chatServer } from './chat-fixture.ts';

/** A page of the session `s1`, and the custom state as it knows it. */
export function loadPage(server: Pick<ReturnType<typeof chatServer>, 'chat'>, snapshot?: ChatSnapshot) {
  let state = snapshot?.state ?? null;
  const chat = server.chat('s1', snapshot, {
    onData: (part) => {
      if (part.type === 'data-state-patch') state = applyPatch(state, part.data.operations);
    },
  });
  return { chat, state: () => state };
}
