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
  const adopt = (fresh: ChatSnapshot, unsent: readonly HelixUIMessage[] = []): void => {
    standAt(fresh.streamSequence);
    earlier.learn(fresh);
    setTurn(fresh);
    chat.clearError();
    setMessages((shown) => [...mergeSnapshot(shown, fresh.messages), ...unsent]);
  };
  useReturn(() => {
    if (status === 'ready' && messages.length > 0) catchUp().catch(() => {});
  });

  /** Reads what became of the last message. */
  const pickUp = async (isAsked: boolean): Promise<void> => {
    const move = (moves.current += 1);
    const fresh = await getSnapshot(id);
    if (move !== moves.current) return;
    const said = messages.findLast(({ role }) => role === 'user');
    const fate = fateOf(said?.id, fresh);
    // Others may have said something meanwhile: sent anew, it comes after them.
    if (fate === 'lost' && fresh && said && fresh.status !== 'running') adopt(fresh, [said]);
    if (fate === 'passed' && fresh) adopt(fresh);
    const isOver = fresh?.status === 'failed' || fresh?.status === 'interrupted';
    await (fate === 'lost' || (fate === 'last' && isAsked && isOver) ? chat.regenerate() : chat.resumeStream());
  };
  const lost = chat.error instanceof TypeError ? chat.error : undefined;
  const isReconnecting = lost !== undefined;
  useReconnect(lost, status === 'streaming' || status === 'ready', () => pickUp(false));

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

/** Whether a message never arrived, is the last that was said, or has others after it. */
function fateOf(said: string | undefined, fresh: ChatSnapshot | null): 'lost' | 'last' | 'passed' {
  if (!fresh?.messages.some(({ id }) => id === said)) return 'lost';
  return fresh.messages.findLast(({ role }) => role === 'user')?.id === said ? 'last' : 'passed';
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
