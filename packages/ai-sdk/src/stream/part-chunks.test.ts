// Would catch: a reply that a page shows otherwise when it comes back in the middle of it than when it is drawn from the snapshot.
import { readUIMessageStream, type UIMessageChunk } from 'ai';
import { expect, it } from 'vitest';
import { refusedChunks } from '../../test/chat-fixture.ts';
import type { HelixUIMessage, HelixUIPart } from '../messages/helix-ui-message.ts';
import { partChunks } from './part-chunks.ts';

const call = { toolCallId: 'c1', input: { city: 'Oslo' } };
const parts: Record<string, HelixUIPart> = {
  'the start of a step': { type: 'step-start' },
  'a text': { type: 'text', text: 'It rains.', state: 'done' },
  'a thought': { type: 'reasoning', id: 'r.1.1', text: 'Hm.', state: 'done' },
  'a file': { type: 'file', mediaType: 'image/png', url: 'https://pictures.test/cat.png' },
  'a page': { type: 'source-url', sourceId: 's1', url: 'https://rain.test/', title: 'Rain' },
  'a document': { type: 'source-document', sourceId: 's2', mediaType: 'text/plain', title: 'Rain', filename: 'r.txt' },
  'a call that has no result yet': { type: 'tool-look', state: 'input-available', ...call },
  'a call with its result': { type: 'tool-look', state: 'output-available', output: [1, null], ...call },
  'a call that failed': { type: 'tool-look', state: 'output-error', errorText: 'The tool failed.', ...call },
  'an output': { type: 'data-helix-output', id: 'c2', data: { answer: 42 } },
};

it.each(Object.entries(parts))('%s comes as the part that it is', async (_, part) => {
  const step: UIMessageChunk[] = part.type === 'step-start' ? [] : [{ type: 'start-step' }];
  const behind = partChunks({ type: 'text', text: 'So.' }, 1);
  const chunks = [{ type: 'start', messageId: 'm' } as const, ...step, ...partChunks(part, 0), ...behind];
  expect(await refusedChunks(chunks)).toEqual([]);
  const stream = new ReadableStream<UIMessageChunk>({
    start: (controller) => {
      chunks.forEach((chunk) => controller.enqueue(chunk));
      controller.close();
    },
  });
  let last: HelixUIMessage | undefined;
  for await (const message of readUIMessageStream<HelixUIMessage>({ stream, terminateOnError: true })) last = message;
  expect(last?.parts.slice(-2)).toMatchObject([part, { type: 'text', text: 'So.' }]);
});
