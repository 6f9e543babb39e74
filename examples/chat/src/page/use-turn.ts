import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useState } from 'react';

/** How the last turn stands. */
export type TurnState = Pick<ChatSnapshot, 'status' | 'error'>;

const idle: TurnState = { status: 'idle' };

/** How the last turn stands, as the record or the end of its stream said, and what went wrong beside it. */
export function useTurn(snapshot: ChatSnapshot | null) {
  const [state, setState] = useState<TurnState>(snapshot ?? idle);
  const [failure, setFailure] = useState<Error | null>(null);
  return {
    state,
    /** What was asked of the server in vain. */
    failure,
    setFailure,
    stands: (fresh: TurnState) => setState(fresh),
    begins: () => setState(idle),
    ends: (finishReason: string | undefined) =>
      setState({ status: finishReason === 'interrupted' ? 'interrupted' : 'idle' }),
  };
}
