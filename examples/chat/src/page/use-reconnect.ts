import { useEffect, useEffectEvent, useState } from 'react';
import { useReturn } from './use-return.ts';

/** Waits before a lost connection is tried again. */
const reconnectMs = [500, 1_000, 2_000, 4_000, 8_000] as const;
/** Between later attempts, for as long as it takes. */
const slowMs = 15_000;

/**
 * Tries again, ever later, for as long as the connection is lost; at once when the user or the network comes back. `isConnected`:
 * the server was heard since, so that the waits begin anew.
 */
export function useReconnect(lost: Error | undefined, isConnected: boolean, reconnect: () => Promise<void>): void {
  const [attempt, setAttempt] = useState(0);
  if (isConnected && attempt > 0) setAttempt(0);
  const again = useEffectEvent(() => {
    setAttempt((made) => made + 1);
    reconnect().catch(() => {});
  });
  useEffect(() => {
    if (!lost) return undefined;
    const timer = setTimeout(again, reconnectMs[attempt] ?? slowMs);
    return () => clearTimeout(timer);
  }, [lost, attempt]);
  useReturn(() => {
    if (lost) again();
  });
}
