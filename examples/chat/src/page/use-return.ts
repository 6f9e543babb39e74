import { useEffect, useEffectEvent } from 'react';

/** Calls when the user comes back to this page, or the network does: much may have gone on meanwhile. */
export function useReturn(onReturn: () => void): void {
  const back = useEffectEvent(() => {
    if (document.visibilityState === 'visible') onReturn();
  });
  useEffect(() => {
    const listener = () => back();
    addEventListener('focus', listener);
    addEventListener('online', listener);
    document.addEventListener('visibilitychange', listener);
    return () => {
      removeEventListener('focus', listener);
      removeEventListener('online', listener);
      document.removeEventListener('visibilitychange', listener);
    };
  }, []);
}
