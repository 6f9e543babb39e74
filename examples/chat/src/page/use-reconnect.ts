import { useEffect, useEffectEvent, useState } from 'react';

/** Waits before a lost connection is tried again. */
const reconnectMs = [500, 1_000, 2_000, 4_000, 8_000];

/** Tries again, ever later, for as long as the connection is lost. Where it fails again, the next wait begins. */
export function useReconnect(lost: Error | undefined, reconnect: () => Promise<void>) {
  const [attempt, setAttempt] = useState(0);
  const again = useEffectEvent(() => {
    setAttempt(attempt + 1);
    reconnect().catch(() => {});
  });
  useEffect(() => {
    const waitMs = reconnectMs[attempt];
    if (!lost || waitMs === undefined) return undefined;
    const timer = setTimeout(again, waitMs);
    return () => clearTimeout(timer);
  }, [lost, attempt]);
  return { isReconnecting: lost !== undefined && attempt < reconnectMs.length, connected: () => setAttempt(0) };
}
