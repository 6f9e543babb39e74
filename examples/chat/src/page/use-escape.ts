import { useEffect, useEffectEvent } from 'react';

/** Calls when Escape is pressed anywhere in the page, while `isWanted`. In the middle of composing a character it ends that alone. */
export function useEscape(isWanted: boolean, onEscape: () => void): void {
  const escape = useEffectEvent((event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.isComposing && !event.defaultPrevented) onEscape();
  });
  useEffect(() => {
    if (!isWanted) return undefined;
    const listener = (event: KeyboardEvent) => escape(event);
    addEventListener('keydown', listener);
    return () => removeEventListener('keydown', listener);
  }, [isWanted]);
}
