import { useChat } from '@ai-sdk/react';
import type { ChatSnapshot, HelixUIMessage } from '@helix-agents/ai-sdk';
import { chatErrorOf, type ChatError } from '@helix-agents/ai-sdk/client';
import { useEffect, useEffectEvent, useRef, useState } from 'react';
import { getSnapshot } from './api.ts';
import { isLostConnection, makeTransport, Refused, telling } from './chat-transport.ts';
import { mergeSnapshot } from './merge-snapshot.ts';
import { nextOf, type Why } from './next-of.ts';
import { useEarlier } from './use-earlier.ts';
import { useReconnect } from './use-reconnect.ts';
import { useReturn } from './use-return.ts';
import { useStop } from './use-stop.ts';
import { useUnsent } from './use-unsent.ts';

/** How the record says that the last turn stands. */
type TurnState = Pick<ChatSnapshot, 'error'> & { readonly status: ChatSnapshot['status'] };

/** What becomes of a message that is said. */
export interface MessageFate {
  /** The server has it. */
  readonly onTaken: () => void;
  /** It was not taken, and is shown no more. */
  readonly onGivenBack: (text: string) => void;
}

const idle: TurnState = { status: 'idle' };
const otherAnswer = 'An answer is already being written.';

/**
 * `useChat` over a session: drawn from its snapshot, picked up again where the connection was lost, and brought up to date where
 * another page went on. What is said is kept until the server has it, or given back.
 */
export function useHelixChat(id: string, snapshot: ChatSnapshot | null, { onTaken, onGivenBack }: MessageFate) {
  const [turn, setTurn] = useState<TurnState>(snapshot ?? idle);
  const [failure, setFailure] = useState<Error | null>(null);
  /** Why the last message was given back. */
  const [notSent, setNotSent] = useState<string | null>(null);
  const { unsent, keep, settle, compare } = useUnsent(id, snapshot);
  /** Counts what the page set about: a snapshot that was asked for before the last of it is dropped. */
  const moves = useRef(0);
  const [{ transport, standAt }] = useState(() => makeTransport(snapshot?.streamSequence ?? 0));
  const chat = useChat<HelixUIMessage>({
    id,
    messages: [...(snapshot?.messages ?? []), ...(unsent ? [messageOf(unsent)] : [])],
    transport: telling(transport, () => {
      settle();
      onTaken();
    }),
    throttle: 40,
    onError: (error) => {
      if (error instanceof Refused) void learnRefusal(error);
    },
    onFinish: ({ finishReason }) => {
      stopping.over();
      setTurn({ status: finishReason === 'interrupted' ? 'interrupted' : 'idle' });
    },
  });
  const { messages, setMessages, status } = chat;
  const isBusy = status === 'submitted' || status === 'streaming';
  const stopping = useStop(id, status);
  const earlier = useEarlier(id, messages, snapshot);

  /** Shows what the record has; null where that is not known, or not wanted any more. */
  const catchUp = async (): Promise<ChatSnapshot['status'] | null> => {
    const move = (moves.current += 1);
    const fresh = await getSnapshot(id);
    if (!fresh || move !== moves.current) return null;
    adopt(fresh);
    if (fresh.status === 'running') void chat.resumeStream();
    return fresh.status;
  };
  /** What is not sent yet stays at the end. */
  const adopt = (fresh: ChatSnapshot, last: readonly HelixUIMessage[] = []): void => {
    standAt(fresh.streamSequence);
    earlier.learn(fresh);
    compare(fresh);
    setTurn(fresh);
    if (fresh.status !== 'running') stopping.over();
    chat.clearError();
    setMessages((shown) => [...mergeSnapshot(shown, fresh.messages), ...last]);
  };
  useReturn(() => {
    if (status === 'ready' && messages.length > 0 && !unsent) catchUp().catch(() => {});
  });

  /** Reads what became of the last message. */
  const pickUp = async (why: Why, reason = otherAnswer): Promise<void> => {
    const move = (moves.current += 1);
    const fresh = await getSnapshot(id);
    if (move !== moves.current) return;
    setFailure(null);
    const said = messages.findLast(({ role }) => role === 'user');
    const next = nextOf(said?.id, fresh, why);
    if (next === 'give-back') return giveBack(fresh, reason);
    // Others may have said something meanwhile: sent anew, it comes after them.
    if (next === 'send' && fresh && said) adopt(fresh, [said]);
    if (next === 'send' || next === 'try-again') return chat.regenerate();
    if (next === 'catch-up' && fresh) adopt(fresh);
    return follow(fresh);
  };
  const follow = async (fresh: ChatSnapshot | null): Promise<void> => {
    if (fresh) compare(fresh);
    if (fresh && fresh.status !== 'running') return adopt(fresh);
    await chat.resumeStream();
  };
  /** The author has the message back, and the page shows what the record has. */
  const giveBack = async (fresh: ChatSnapshot | null, reason: string | null): Promise<void> => {
    if (unsent) {
      settle();
      setNotSent(reason);
      setMessages((shown) => shown.filter((message) => message.id !== unsent.id));
      onGivenBack(unsent.text);
      chat.clearError();
    }
    if (fresh) adopt(fresh);
    if (fresh?.status === 'running') await chat.resumeStream();
  };
  const learnRefusal = (refusal: Refused): Promise<void> => {
    const { text } = chatErrorOf(refusal);
    return pickUp('refused', text).catch(() => giveBack(null, text));
  };
  const begin = useEffectEvent((): void => {
    if (unsent) pickUp('lost').catch(setFailure);
    else if (snapshot?.status === 'running') void chat.resumeStream();
  });
  useEffect(() => begin(), []);
  const lost = [chat.error, failure].find(isLostConnection);
  useReconnect(lost, status === 'streaming' || (status === 'ready' && !lost), () => pickUp('lost'));

  /** Sends a message; where that cannot be, it is given back. */
  const say = async (text: string): Promise<void> => {
    const message = { id: `message-${crypto.randomUUID()}`, text };
    keep(message);
    setFailure(null);
    setNotSent(null);
    const found = messages.length > 0 ? await catchUp().catch(() => null) : null;
    if (found === 'running') {
      settle();
      setNotSent(otherAnswer);
      return onGivenBack(text);
    }
    moves.current += 1;
    setTurn(idle);
    void chat.sendMessage(messageOf(message));
  };
  const retry = async (): Promise<void> => {
    setFailure(null);
    await pickUp('asked').catch(setFailure);
  };
  /** Resolves with whether everything is shown. */
  const showEarlier = async (): Promise<boolean> => {
    const page = await earlier.load();
    if (page) setMessages((shown) => [...page.messages, ...shown]);
    return page?.before === null;
  };
  const fault = chat.error instanceof Refused && unsent ? undefined : chat.error;
  const error = lost || isBusy ? null : errorOf(fault ?? failure, turn);
  const isInterrupted = turn.status === 'interrupted' && !isBusy && !error;
  return {
    messages,
    isBusy,
    isInterrupted,
    isReconnecting: lost !== undefined,
    unsent,
    notSent,
    forgetNotSent: () => setNotSent(null),
    error,
    say,
    retry,
    /** The user does not want to wait for the next attempt. */
    reconnect: () => void pickUp('lost').catch(() => {}),
    /** The author wants the message back that is not sent yet. */
    takeBack: () => {
      moves.current += 1;
      setFailure(null);
      void giveBack(null, null);
    },
    stopping,
    earlier: { isThere: earlier.isThere, state: earlier.state, show: showEarlier },
  };
}

function messageOf({ id, text }: { readonly id: string; readonly text: string }): HelixUIMessage {
  return { id, role: 'user', parts: [{ type: 'text', text }] };
}

/** What went wrong last: in this page, or in the run that the record tells of. */
function errorOf(error: Error | null, { status, error: recorded }: TurnState): ChatError | null {
  if (error) return chatErrorOf(error);
  if (status !== 'failed' || !recorded) return null;
  const { error: text, code, retryable, unharmed } = recorded;
  return { text, code, retryable, unharmed };
}
