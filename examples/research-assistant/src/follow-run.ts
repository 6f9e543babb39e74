import type { AgentResult } from '@helix-agents/sdk';
import type { ResearchAnswer } from './agent.ts';
import type { Asked, AskParts } from './ask.ts';
import type { Report } from './report/report.ts';
import { watchRecord } from './watch-record.ts';

/**
 * One run to its end, whoever drives it. Whoever waits for a result takes the run up once its owner died, so that is asked for from
 * the start; a stream alone would wait for ever. (A general recovery would also take up sessions of other folders.)
 */
export async function followRun(
  { store, agent, report }: AskParts,
  asked: Asked,
  unread: AbortSignal,
): Promise<AgentResult<ResearchAnswer>> {
  const { handle, followedEpoch } = asked;
  const over = new AbortController();
  const unheed = heedStops(handle, report, unread);
  asked.tell?.();
  const attempts = 1 + (agent.llmConfig.maxRetries ?? 3);
  const unwatch = watchRecord({ store, sessionId: handle.sessionId, report, attempts, followedEpoch });
  try {
    const told = tellStream(asked, report, over.signal);
    const [result] = await Promise.all([handle.result({ abortSignal: over.signal }), told]);
    return result;
  } finally {
    over.abort();
    unheed();
    await unwatch();
  }
}

async function tellStream({ handle, after }: Asked, report: Report, abortSignal: AbortSignal): Promise<void> {
  const chunks = await handle.stream({ abortSignal, after });
  for await (const chunk of chunks ?? []) report.chunk(chunk);
}

/** Interrupts the run at Ctrl-C, and once nobody reads any more. Not any longer when called. */
function heedStops(handle: Asked['handle'], report: Report, unread: AbortSignal): () => void {
  const stop = (reason: string) => void handle.interrupt(reason).catch(() => {});
  const onInterrupt = () => {
    report.notice(`stopping; go on with --session ${handle.sessionId}`);
    stop('the user pressed Ctrl-C');
  };
  const onUnread = () => stop('nobody reads any more');
  process.once('SIGINT', onInterrupt);
  if (unread.aborted) onUnread();
  unread.addEventListener('abort', onUnread, { once: true });
  return () => {
    process.off('SIGINT', onInterrupt);
    unread.removeEventListener('abort', onUnread);
  };
}
