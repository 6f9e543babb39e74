import type { HelixUIMessage } from '@helix-agents/ai-sdk';

/**
 * What a page shows when it takes a fresh snapshot: the snapshot, after what the page has of the time before it. Where the two do
 * not meet, the snapshot alone: a hole would be a false conversation.
 */
export function mergeSnapshot(shown: readonly HelixUIMessage[], fresh: readonly HelixUIMessage[]): HelixUIMessage[] {
  const meets = shown.findIndex(({ id }) => id === fresh[0]?.id);
  return [...shown.slice(0, Math.max(0, meets)), ...fresh];
}
