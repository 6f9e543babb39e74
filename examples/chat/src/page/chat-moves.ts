import type { UseChatHelpers } from '@ai-sdk/react';
import type { ChatSnapshot, HelixUIMessage } from '@helix-agents/ai-sdk';
import { nextOf, type Why } from './next-of.ts';
import type { Unsent } from './unsent.ts';
import type { Found, useCatchUp } from './use-catch-up.ts';
import type { useOutbox } from './use-outbox.ts';
import type { useTurn } from './use-turn.ts';

/** What the moves of a page are made on. */
export interface ChatParts {
  readonly chat: UseChatHelpers<HelixUIMessage>;
  readonly record: ReturnType<typeof useCatchUp>;
  readonly outbox: ReturnType<typeof useOutbox>;
  readonly turn: ReturnType<typeof useTurn>;
  /** Shows what the record has, with `last` behind it. */
  readonly adopt: (fresh: ChatSnapshot, last?: readonly HelixUIMessage[]) => void;
  /** It was not taken, and is shown no more. */
  readonly onGivenBack: (text: string) => void;
}

const otherAnswer = 'An answer is already being written.';

/** What a page does about its conversation: each begins with a look at the record, and ends with the page as the record is. */
export function chatMoves({ chat, record, outbox, turn, adopt, onGivenBack }: ChatParts) {
  const { messages, setMessages } = chat;
  const { unsent } = outbox;

  /** Shows what the record has; null where that is not known, or not wanted any more. */
  const catchUp = async (): Promise<ChatSnapshot['status'] | null> => {
    const fresh = (await record.look({ isTold: false }))?.fresh;
    if (!fresh) return null;
    adopt(fresh);
    if (fresh.status === 'running') void chat.resumeStream();
    return fresh.status;
  };

  /** Does about the last message what is to be done; does nothing where the page left it for something else. */
  const pickUp = async (why: Why, { reason = otherAnswer, isTold = false } = {}): Promise<void> => {
    const found = await record.look({ isTold });
    if (!found) return undefined;
    const said = messages.findLast(({ role }) => role === 'user');
    const next = nextOf(said?.id, found.fresh, why);
    if (next === 'give-back') return giveBack(found, reason);
    // Others may have said something meanwhile: sent anew, it comes after them.
    if (next === 'send' && found.fresh && said) adopt(found.fresh, [said]);
    if (next === 'send' || next === 'try-again') return chat.regenerate();
    if (next === 'catch-up' && found.fresh) adopt(found.fresh);
    return follow(found);
  };

  const follow = async ({ fresh }: Found): Promise<void> => {
    if (fresh) outbox.compare(fresh);
    if (fresh && fresh.status !== 'running') return adopt(fresh);
    return chat.resumeStream();
  };

  /** The author has the message back, and the page shows what the record has. */
  const giveBack = async ({ fresh }: Found, reason: string | null): Promise<void> => {
    if (unsent) {
      outbox.giveBack(reason);
      setMessages((shown) => shown.filter((message) => message.id !== unsent.id));
      onGivenBack(unsent.text);
      chat.clearError();
    }
    if (fresh) adopt(fresh);
    if (fresh?.status === 'running') await chat.resumeStream();
  };

  return {
    catchUp,
    pickUp,
    /** The server does not take the last message. */
    learnRefusal: (reason: string) => pickUp('refused', { reason }).catch(() => giveBack({ fresh: null }, reason)),
    /** Sends a message; where that cannot be, it is given back. */
    say: async (message: Unsent): Promise<void> => {
      outbox.put(message);
      record.leave();
      const found = messages.length > 0 ? await catchUp().catch(() => null) : null;
      if (found === 'running') {
        outbox.giveBack(otherAnswer);
        return onGivenBack(message.text);
      }
      record.leave();
      turn.begins();
      await chat.sendMessage(messageOf(message));
      // That ended the turn that waited: the record marks it now.
      if (found === 'suspended_step_partial') await catchUp().catch(() => null);
    },
    /** The author wants the message back that is not sent yet. */
    takeBack: (): void => {
      record.leave();
      void giveBack({ fresh: null }, null);
    },
  };
}

/** A message as it is shown and sent. */
export function messageOf({ id, text }: Unsent): HelixUIMessage {
  return { id, role: 'user', parts: [{ type: 'text', text }] };
}
