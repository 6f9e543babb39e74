import { setTimeout as sleep } from 'node:timers/promises';
import { handleChatReconnect, type HelixUIMessage } from '@helix-agents/ai-sdk';
import type { Agent } from '@helix-agents/core';
import { JSAgentExecutor } from '@helix-agents/runtime-js';
import { DefaultChatTransport, readUIMessageStream } from 'ai';
import type { Stores } from './database.ts';

/** The parts of a reply as a page shows them in the end that looks on from the first moment, at a server that drives nothing. */
export async function watchReply<TState, TOutput>(
  { store: stateStore, streams: streamManager }: Stores,
  agent: Agent<TState, TOutput>,
  sessionId: string,
): Promise<HelixUIMessage['parts']> {
  while (!(await stateStore.head(sessionId))) await sleep(2);
  const executor = new JSAgentExecutor(stateStore, streamManager, { generateStep: drivesNothing });
  executor.getHandle = async () => null;
  const fetch = () => handleChatReconnect({ agent, executor, stateStore, streamManager, sessionId, after: 0 });
  const stream = await new DefaultChatTransport<HelixUIMessage>({ fetch }).reconnectToStream({ chatId: sessionId });
  if (!stream) throw new Error(`session ${sessionId} has no reply`);
  let shown: HelixUIMessage | undefined;
  for await (const message of readUIMessageStream<HelixUIMessage>({ stream, terminateOnError: true })) shown = message;
  return shown?.parts ?? [];
}

function drivesNothing(): never {
  throw new Error('this server drives nothing');
}
