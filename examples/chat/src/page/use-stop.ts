import { chatErrorOf } from '@helix-agents/ai-sdk/client';
import { useEffect, useState } from 'react';
import { interrupt } from './api.ts';

/** A stop of the reply that is under way. */
type Stop =
  | { readonly at: 'none' }
  /** Asked for when the server has begun a reply, which may be long before its first word: before, it has nothing to stop. */
  | { readonly at: 'wanted' }
  | { readonly at: 'failed'; readonly error: Error };

const none: Stop = { at: 'none' };

/** Stops the reply of a conversation as soon as the server has begun one. */
export function useStop(id: string, hasBegun: boolean) {
  const [stop, setStop] = useState<Stop>(none);
  const mayAsk = hasBegun && stop.at === 'wanted';
  useEffect(() => {
    if (!mayAsk) return;
    interrupt(id).catch((error: Error) => setStop((now) => (now.at === 'wanted' ? { at: 'failed', error } : now)));
  }, [id, mayAsk]);
  return {
    isStopping: stop.at === 'wanted',
    /** Why the reply still comes although it was to be stopped. */
    stopFailure: stop.at === 'failed' ? chatErrorOf(stop.error).text : null,
    stop: () => setStop({ at: 'wanted' }),
    /** The reply has ended, however it did. */
    over: () => setStop(none),
  };
}
