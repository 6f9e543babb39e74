import { useChat } from '@ai-sdk/react';
import type { ChatSnapshot, HelixUIMessage } from '@helix-agents/ai-sdk';
import {
  chatErrorOf,
  prepareHelixChatRequest,
  prepareHelixReconnectRequest,
  type ChatError,
} from '@helix-agents/ai-sdk/client';
import { DefaultChatTransport } from 'ai';
import { useEffect, useEffectEvent, useState } from 'react';
import { chatApi, getSnapshot, interrupt } from './api.ts';

/** Waits before a lost connection is tried again. */
const reconnectMs = [500, 1_000, 2_000, 4_000, 8_000];

/** `useChat` over a session: drawn from its snapshot, and picked up again where the connection was lost. */
export function useHelixChat(id: string, snapshot: ChatSnapshot | null) {
  const [status, setStatus] = useState(snapshot?.status ?? 'idle');
  const [failure, setFailure] = useState<Error | null>(null);
  const [isStopping, setStopping] = useState(false);
  const [attempt, setAttempt] = useState(0);
  const [transport] = useState(() => makeTransport(snapshot?.streamSequence ?? 0));
  const chat = useChat<HelixUIMessage>({
    id,
    messages: snapshot?.messages ?? [],
    transport,
    resume: snapshot?.status === 'running',
    throttle: 40,
    onFinish: ({ finishReason, isDisconnect }) => {
      if (!isDisconnect) setAttempt(0);
      setStopping(false);
      setStatus(finishReason === 'interrupted' ? 'interrupted' : 'idle');
    },
  });
  const isBusy = chat.status === 'submitted' || chat.status === 'streaming';
  const isLost = chat.error instanceof TypeError;
  /** Reads what became of the last message: one that never arrived is sent anew, one that did is answered further. */
  const pickUp = async (isAsked: boolean): Promise<void> => {
    const fresh = await getSnapshot(id);
    const said = chat.messages.findLast(({ role }) => role === 'user')?.id;
    const hasArrived = fresh?.messages.some((message) => message.id === said) ?? false;
    const isOver = fresh?.status === 'failed' || fresh?.status === 'interrupted';
    await (hasArrived && !(isAsked && isOver) ? chat.resumeStream() : chat.regenerate());
  };
  const reconnect = useEffectEvent(() => {
    setAttempt(attempt + 1);
    // Where it fails again, the next wait begins with the next attempt.
    pickUp(false).catch(() => {});
  });
  const lostError = isLost ? chat.error : undefined;
  useEffect(() => {
    const waitMs = reconnectMs[attempt];
    if (!lostError || waitMs === undefined) return undefined;
    const timer = setTimeout(reconnect, waitMs);
    return () => clearTimeout(timer);
  }, [lostError, attempt]);

  const retry = async (): Promise<void> => {
    setFailure(null);
    await pickUp(true).catch(setFailure);
  };
  const stop = async (): Promise<void> => {
    setStopping(true);
    try {
      await interrupt(id);
    } catch (error) {
      setStopping(false);
      setFailure(error as Error);
    }
  };
  const say = async (text: string): Promise<void> => {
    setFailure(null);
    setStatus('idle');
    await chat.sendMessage({ text });
  };
  const isReconnecting = isLost && attempt < reconnectMs.length;
  const error = isReconnecting || isBusy ? null : errorOf(chat.error ?? failure, chat.messages, snapshot, status);
  const isInterrupted = status === 'interrupted' && !isBusy && !error;
  return { messages: chat.messages, isBusy, isStopping, isInterrupted, isReconnecting, error, say, stop, retry };
}

/** The position of the page's snapshot serves for as long as the page lives: what came after it is told anew, whatever it is. */
function makeTransport(after: number) {
  return new DefaultChatTransport<HelixUIMessage>({
    api: chatApi,
    prepareSendMessagesRequest: prepareHelixChatRequest(),
    prepareReconnectToStreamRequest: prepareHelixReconnectRequest({ after }),
  });
}

/** What went wrong last: in this page, or, as long as it said nothing new, in the run that its snapshot tells of. */
function errorOf(
  error: Error | null,
  messages: readonly HelixUIMessage[],
  snapshot: ChatSnapshot | null,
  status: string,
): ChatError | null {
  if (error) return chatErrorOf(error);
  if (status !== 'failed' || !snapshot?.error || messages.length !== snapshot.messages.length) return null;
  const { error: text, code, retryable, unharmed } = snapshot.error;
  return { text, code, retryable, unharmed };
}
