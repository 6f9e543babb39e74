import type { SessionSnapshot } from '../../session/snapshot.ts';
import { operatorWaitId } from '../decide/wait-ids.ts';
import type { HostParts } from '../drive/session-host.ts';

/** What lets a run go on that was parked for an operator: the person who resumes it. */
export async function forgive({ store, ports }: HostParts, session: SessionSnapshot): Promise<void> {
  const waitId = operatorWaitId(session);
  if (!session.waits.some((wait) => wait.waitId === waitId)) return;
  const { generation } = session;
  await store.deliver(session.sessionId, {
    kind: 'answer',
    waitId,
    generation,
    answer: { kind: 'continue' },
    at: ports.clock.now(),
  });
}
