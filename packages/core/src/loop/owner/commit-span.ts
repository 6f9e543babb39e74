import type { RuntimePorts, Span } from '../../ports/ports.ts';
import { startSpan } from '../../ports/spans.ts';
import type { CommitPurpose } from './boundaries.ts';

/** The span around a commit: from when it is asked for until it is known what became of it. Whoever starts it ends it, however. */
export function commitSpan(
  ports: Pick<RuntimePorts, 'instrumentation'>,
  sessionId: string,
  purpose: CommitPurpose | 'takeover',
): Span {
  return startSpan(ports, 'commit', () => ({ 'gen_ai.conversation.id': sessionId, 'helix.commit': purpose }));
}
