import type { InboxItem, WaitAnswer } from '@helix-agents/core';
import { newId } from './new-id.ts';

/** What a test has an outsider say. */
export function messageItem(messageId = newId('m')): InboxItem {
  return { kind: 'message', messageId, parts: [], at: 5 };
}

export function answerItem(waitId = 'w', answer: WaitAnswer = inputAnswer('yes'), generation = 0): InboxItem {
  return { kind: 'answer', waitId, generation, answer, at: 5 };
}

export function inputAnswer(value: string): WaitAnswer {
  return { kind: 'input', value };
}
