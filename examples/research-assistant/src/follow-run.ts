import type { AgentResult } from '@helix-agents/sdk';
import type { ResearchAnswer } from './agent.ts';
import type { Asked, AskParts } from './ask.ts';
import { watchRecord } from './watch-record.ts';

/**
 * One run to its end, whoever drives it. Whoever waits for a result takes the run up once its owner died, so that is asked for from
 * the start; a stream alone would wait for ever. (A general recovery would also take up sessions of other folders.)
 */
export async function followRun(
  { store, agent, report }: AskParts,
  { handle, after, progress, followedEpoch }: Asked,
  unread: AbortSignal,
): Promise<AgentResult<ResearchAnswer>> {
  const { sessionId } = handle;
  const over = new AbortController();
  const { signal: abortSignal } = over;
  const stop = (reason: string) => void handle.interrupt(reason).catch(() => {});
  const onInterrupt = () => {
    report.notice(`stopping; go on with --session ${sessionId}`);
    stop('the user pressed Ctrl-C');
  };
  const onUnread = () => stop('nobody reads any more');
  process.once('SIGINT', onInterrupt);
  if (unread.aborted) onUnread();
  unread.addEventListener('abort', onUnread, { once: true });
  if (progress && followedEpoch === null) report.recovered(progress);
  else if (progress) report.follows(progress);
  const unwatch = watchRecord({
    store,
    sessionId,
    report,
    attempts: 1 + (agent.llmConfig.maxRetries ?? 3),
    followedEpoch,
  });
  const read = async () => {
    const chunks = await handle.stream({ abortSignal, ...(after !== undefined && { after }) });
    for await (const chunk of chunks ?? []) report.chunk(chunk);
  };
  try {
    const [result] = await Promise.all([handle.result({ abortSignal }), read()]);
    return result;
  } finally {
    over.abort();
    process.off('SIGINT', onInterrupt);
    unread.removeEventListener('abort', onUnread);
    await unwatch();
  }
}
