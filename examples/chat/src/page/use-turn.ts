import type { ChatSnapshot } from '@helix-agents/ai-sdk';
import { useState } from 'react';

/** How the last turn stands. */
export type TurnState = Pick<ChatSnapshot, 'status' | 'error'>;

const idle: TurnState = { status: 'idle' };

/** Turns that go on where the user lets them: they stopped them, or their servers were lost too often. */
const stopped: ReadonlySet<TurnState['status']> = new Set(['interrupted', 'suspended_step_partial']);

export function isStopped({ status }: TurnState): boolean {
  return stopped.has(status);
}

/** How the last turn stands, as the record or the end of its stream said. */
export function useTurn(snapshot: ChatSnapshot | null) {
  const [state, setState] = useState<TurnState>(snapshot ?? idle);
  return {
    state,
    stands: (fresh: TurnState) => setState(fresh),
    begins: () => setState(idle),
    ends: (finishReason: string | undefined) =>
      setState({ status: finishReason === 'interrupted' ? 'interrupted' : 'idle' }),
  };
}
