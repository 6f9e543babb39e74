import type { MessageRecord, NewMessage } from '../../session/message.ts';
import { newMessage } from '../owner/messages.ts';
import type { Owner } from '../owner/owner.ts';
import { toolSpecs } from '../tools/tool-specs.ts';
import type { ModelCall } from './plan-reply.ts';

/** What the model must know for this call only here: it becomes a row, so that the prefix of later calls stays the same. */
export function guide(owner: Owner, call: ModelCall, last: MessageRecord | undefined): readonly NewMessage[] {
  const text = [last?.interrupted ? cutShort : '', instructionOf(owner, call)].filter(Boolean).join(' ');
  return text === '' ? none : [newMessage(owner, 'context', [{ type: 'text', text }], call.step)];
}

/** Many models refuse to be asked with words of their own at the end, and others begin anew. */
const cutShort = 'Your reply was stopped there. Go on behind its last word, and repeat nothing of it.';

function instructionOf(owner: Owner, { mode }: ModelCall): string {
  if (mode === 'normal') return '';
  const names = toolSpecs(owner.parts.agent, 'forced')
    .map((spec) => spec.name)
    .join(' or ');
  const texts = {
    'final-step': `This is the last step. Finish now: call ${names}.`,
    forced: `The work must end now with a result: call ${names}, exactly once, and nothing else.`,
    compact: 'Summarise the conversation so far: what was asked, what was found, what is left to do.',
  };
  return texts[mode];
}

const none: readonly never[] = [];

export function withGuidance(
  messages: readonly MessageRecord[],
  guidance: readonly NewMessage[],
  count: number,
): readonly MessageRecord[] {
  if (guidance.length === 0) return messages;
  return [...messages, ...guidance.map((message, index) => ({ ...message, seq: count + index + 1 }))];
}
