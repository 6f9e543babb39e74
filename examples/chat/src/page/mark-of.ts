import type { HelixUIMessage } from '@helix-agents/ai-sdk';

/** What a reply that is over lacks, to be said below it; null where it is whole. */
export function markOf({ role, metadata, parts }: HelixUIMessage): string | null {
  if (role !== 'assistant') return null;
  if (metadata?.helixFailed) return `The answer failed. ${metadata.helixFailed.error}`;
  if (metadata?.helixInterrupted) return 'Stopped.';
  if (metadata?.helixStopReason === 'max_tokens') return 'The answer was cut at its length limit.';
  const lastStep = parts.slice(parts.findLastIndex(({ type }) => type === 'step-start') + 1);
  return lastStep.some(answers) ? null : 'The model gave no answer.';
}

/** A thought is none, and neither is what an answer would stand on. */
function answers(part: HelixUIMessage['parts'][number]): boolean {
  if (part.type === 'text') return part.text.trim() !== '';
  return part.type !== 'reasoning' && part.type !== 'source-url' && part.type !== 'source-document';
}
