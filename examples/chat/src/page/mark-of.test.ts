// Would catch: a reply that says nothing and leaves no sign, and one that is whole and is said to lack something.
import type { HelixUIMessage } from '@helix-agents/ai-sdk';
import { expect, it } from 'vitest';
import { markOf } from './mark-of.ts';

type Parts = HelixUIMessage['parts'];

const step = { type: 'step-start' } as const;
const text = (said: string) => ({ type: 'text', text: said }) as const;
const thought = { type: 'reasoning', text: 'Hm.' } as const;
const source = { type: 'source-url', sourceId: '1', url: 'https://tides.example/' } as const;
const tool = { type: 'tool-look', toolCallId: 'c', state: 'output-available', input: {}, output: 1 } as const;
const markOfParts = (parts: Parts, metadata?: HelixUIMessage['metadata']) =>
  markOf({ id: 'r', role: 'assistant', parts, ...(metadata && { metadata }) });

it.each<[string, Parts]>([
  ['no part', []],
  ['no part in its step', [step]],
  ['spaces', [step, text(' \n')]],
  ['thoughts', [step, thought]],
  ['sources', [step, source]],
  ['nothing behind its tools', [step, text('Let me look.'), tool, step]],
])('a reply of %s gave no answer', (_, parts) => {
  expect(markOfParts(parts)).toBe('The model gave no answer.');
});

it.each<[string, Parts]>([
  ['words', [step, thought, text('It rains.'), source]],
  ['a picture', [step, { type: 'file', mediaType: 'image/png', url: 'data:image/png,' }]],
  ['a tool that ended the turn', [step, tool]],
])('a reply of %s lacks nothing', (_, parts) => {
  expect(markOfParts(parts)).toBeNull();
  expect(markOfParts(parts, { helixStopReason: 'other' })).toBeNull();
});

it('how it ended is said first', () => {
  expect(markOfParts([step], { helixStopReason: 'max_tokens' })).toBe('The answer was cut at its length limit.');
  expect(markOfParts([step], { helixInterrupted: { stop: 'interrupt' } })).toBe('Stopped.');
});

it('a message of the user lacks nothing', () => {
  expect(markOf({ id: 'm', role: 'user', parts: [text('')] })).toBeNull();
});
