import { useChat } from '@ai-sdk/react';
import type { ChatSnapshot, HelixUIMessage } from '@helix-agents/ai-sdk';
import { chatErrorOf } from '@helix-agents/ai-sdk/client';
import { useEffect, useEffectEvent, useState } from 'react';
import { chatMoves, messageOf } from './chat-moves.ts';
import { makeTransport, Refused, telling } from './chat-transport.ts';
import { mergeSnapshot } from './merge-snapshot.ts';
import { troubleOf } from './trouble-of.ts';
import { useCatchUp } from './use-catch-up.ts';
import { useEarlier } from './use-earlier.ts';
import { useOutbox } from './use-outbox.ts';
import { useReconnect } from './use-reconnect.ts';
import { useReturn } from './use-return.ts';
import { useStop } from './use-stop.ts';
import { useTurn } from './use-turn.ts';

/** What becomes of a message that is said. */
export interface MessageFate {
  /** The server has it. */
  readonly onTaken: () => void;
  /** It was not taken, and is shown no more. */
  readonly onGivenBack: (text: string) => void;
}

/**
 * `useChat` over a session: drawn from its snapshot, picked up again where the connection was lost, and brought up to date where
 * another page went on. What is said is kept until the server has it, or given back.
 */
export function useHelixChat(id: string, snapshot: ChatSnapshot | null, { onTaken, onGivenBack }: MessageFate) {
  const outbox = useOutbox(id, snapshot);
  const turn = useTurn(snapshot);
  const record = useCatchUp(id);
  const { unsent } = outbox;
  const [{ transport, standAt }] = useState(() => makeTransport(snapshot));
  // `useChat` says nothing of a reply that it asks for until the server answers.
  const [isResuming, setResuming] = useState(snapshot?.status === 'running' && !unsent);
  const chat = useChat<HelixUIMessage>({
    id,
    messages: [...(snapshot?.messages ?? []), ...(unsent ? [messageOf(unsent)] : [])],
    transport: telling(transport, {
      onTaken: () => {
        outbox.settle();
        onTaken();
      },
      onResuming: setResuming,
    }),
    throttle: 40,
    onData: (part) => {
      if (part.type === 'data-helix-error') turn.stands({ status: 'failed', error: part.data });
    },
    onError: (error) => {
      if (error instanceof Refused) void moves.learnRefusal(chatErrorOf(error).text);
    },
    onFinish: ({ finishReason, isError }) => {
      stopping.over();
      if (!isError) turn.ends(finishReason);
      // The record alone says whether it waits for the user.
      if (finishReason === 'other') moves.catchUp().catch(() => {});
    },
  });
  const { messages, setMessages, status } = chat;
  const isBusy = status === 'submitted' || status === 'streaming' || (isResuming && !chat.error);
  // What others said meanwhile is asked for first.
  const isSaying = unsent !== null && messages.every(({ id: shown }) => shown !== unsent.id);
  // `useChat` says 'submitted' until the first word; the reply itself is there as soon as the server names it.
  const stopping = useStop(id, isBusy && messages.at(-1)?.role === 'assistant');
  const earlier = useEarlier(id, messages, snapshot, setMessages);
  const adopt = (fresh: ChatSnapshot, last: readonly HelixUIMessage[] = []): void => {
    standAt(fresh);
    earlier.learn(fresh);
    outbox.compare(fresh);
    turn.stands(fresh);
    if (fresh.status !== 'running') stopping.over();
    chat.clearError();
    setMessages((shown) => [...mergeSnapshot(shown, fresh.messages), ...last]);
  };
  const moves = chatMoves({ chat, record, outbox, turn, adopt, onGivenBack });
  const { lost, error, isInterrupted } = troubleOf({
    chatError: chat.error,
    failure: record.failure,
    turn: turn.state,
    isBusy: isBusy || isSaying,
    hasUnsent: unsent !== null,
  });

  const begin = useEffectEvent((): void => {
    if (unsent) moves.pickUp('lost', { isTold: true }).catch(() => {});
    else if (snapshot?.status === 'running') void chat.resumeStream();
  });
  useEffect(() => begin(), []);
  useReturn(() => {
    if (status === 'ready' && messages.length > 0 && !unsent) moves.catchUp().catch(() => {});
  });
  useReconnect(lost, status === 'streaming' || (status === 'ready' && !lost), () => moves.pickUp('lost'));

  return {
    messages: isSaying ? [...messages, messageOf(unsent)] : messages,
    isBusy,
    isSaying,
    isInterrupted,
    isReconnecting: lost !== undefined,
    unsent,
    notSent: outbox.notSent,
    forgetNotSent: outbox.forgetNotSent,
    error,
    say: (text: string) => moves.say({ id: `message-${crypto.randomUUID()}`, text }),
    retry: async (): Promise<void> => {
      record.leave();
      await moves.pickUp('asked', { isTold: true }).catch(() => {});
    },
    /** The user does not want to wait for the next attempt. */
    reconnect: () => void moves.pickUp('lost').catch(() => {}),
    takeBack: moves.takeBack,
    stopping,
    earlier,
  };
}
