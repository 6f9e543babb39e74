import { useChat } from '@ai-sdk/react';
import type { ChatSnapshot, HelixUIMessage } from '@helix-agents/ai-sdk';
import {
  chatErrorOf,
  prepareHelixChatRequest,
  prepareHelixReconnectRequest,
  type ChatError,
} from '@helix-agents/ai-sdk/client';
import { DefaultChatTransport } from 'ai';
import { useRef, useState } from 'react';
import { chatApi, getSnapshot } from './api.ts';
import { mergeSnapshot } from './merge-snapshot.ts';
import { useEarlier } from './use-earlier.ts';
import { useReconnect } from './use-reconnect.ts';
import { useReturn } from './use-return.ts';
import { useStop } from './use-stop.ts';

/** How the record says that the last turn stands. */
type TurnState = Pick<ChatSnapshot, 'error'> & { readonly status: ChatSnapshot['status'] };

const idle: TurnState = { status: 'idle' };

/**
 * `useChat` over a session: drawn from its snapshot, picked up again where the connection was lost, and brought up to date where
 * another page went on.
 */
export function useHelixChat(id: string, snapshot: ChatSnapshot | null) {
  const [turn, setTurn] = useState<TurnState>(snapshot ?? idle);
  const [failure, setFailure] = useState<Error | null>(null);
  /** Counts what the page set about: a snapshot that was asked for before the last of it is dropped. */
  const moves = useRef(0);
  const [{ transport, standAt }] = useState(() => makeTransport(snapshot?.streamSequence ?? 0));
  const chat = useChat<HelixUIMessage>({
    id,
    messages: snapshot?.messages ?? [],
    transport,
    resume: snapshot?.status === 'running',
    throttle: 40,
    onFinish: ({ finishReason, isDisconnect }) => {
      if (!isDisconnect) connected();
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
    return fresh.status;
  };
  const adopt = (fresh: ChatSnapshot): void => {
    standAt(fresh.streamSequence);
    earlier.learn(fresh);
    setTurn(fresh);
    chat.clearError();
    setMessages((shown) => mergeSnapshot(shown, fresh.messages));
    if (fresh.status === 'running') void chat.resumeStream();
  };
  useReturn(() => {
    if (status === 'ready' && messages.length > 0) catchUp().catch(() => {});
  });

  /**
   * Reads what became of the last message: one that never arrived is sent anew, one that did is answered further. Where others came
   * after it, they are shown.
   */
  const pickUp = async (isAsked: boolean): Promise<void> => {
    moves.current += 1;
    const fresh = await getSnapshot(id);
    const said = lastSaid(messages);
    const hasArrived = fresh?.messages.some((message) => message.id === said) ?? false;
    if (fresh && hasArrived && lastSaid(fresh.messages) !== said) return adopt(fresh);
    const isOver = fresh?.status === 'failed' || fresh?.status === 'interrupted';
    await (hasArrived && !(isAsked && isOver) ? chat.resumeStream() : chat.regenerate());
  };
  const lost = chat.error instanceof TypeError ? chat.error : undefined;
  const { isReconnecting, connected } = useReconnect(lost, () => pickUp(false));

  /** False where the message was not taken, because an answer that another page asked for is being written. */
  const say = async (text: string): Promise<boolean> => {
    setFailure(null);
    const found = messages.length > 0 ? await catchUp().catch(() => null) : null;
    if (found === 'running') return false;
    moves.current += 1;
    setTurn(idle);
    void chat.sendMessage({ text });
    return true;
  };
  const retry = async (): Promise<void> => {
    setFailure(null);
    await pickUp(true).catch(setFailure);
  };
  /** Resolves with whether everything is shown. */
  const showEarlier = async (): Promise<boolean> => {
    const page = await earlier.load();
    if (page) setMessages((shown) => [...page.messages, ...shown]);
    return page?.before === null;
  };
  const error = isReconnecting || isBusy ? null : errorOf(chat.error ?? failure, turn);
  const isInterrupted = turn.status === 'interrupted' && !isBusy && !error;
  return {
    messages,
    isBusy,
    isInterrupted,
    isReconnecting,
    error,
    say,
    retry,
    stopping,
    earlier: { isThere: earlier.isThere, state: earlier.state, show: showEarlier },
  };
}

function lastSaid(messages: readonly HelixUIMessage[]): string | undefined {
  return messages.findLast(({ role }) => role === 'user')?.id;
}

/** `standAt` says where the record ends that the page is drawn from: what came after it is told anew, whatever it is. */
function makeTransport(streamSequence: number) {
  let after = streamSequence;
  const transport = new DefaultChatTransport<HelixUIMessage>({
    api: chatApi,
    prepareSendMessagesRequest: prepareHelixChatRequest(),
    prepareReconnectToStreamRequest: prepareHelixReconnectRequest({ after: () => after }),
  });
  return { transport, standAt: (sequence: number) => void (after = sequence) };
}

/** What went wrong last: in this page, or in the run that the record tells of. */
function errorOf(error: Error | null, { status, error: recorded }: TurnState): ChatError | null {
  if (error) return chatErrorOf(error);
  if (status !== 'failed' || !recorded) return null;
  const { error: text, code, retryable, unharmed } = recorded;
  return { text, code, retryable, unharmed };
}
