// Would catch: a page that, loaded at some moment of a turn, ends with another reply than the record: a part that is missing, there
// twice, in another order or state, or of an attempt that was given up.
import { defineAgent, defineTool, HelixError, type LLMGenerateInput, type StepResult } from '@helix-agents/core';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { inProcess, plain } from '../../test/chat-fixture.ts';
import { loadPage } from '../../test/load-page.ts';

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const tool = (name: string, execute: () => Promise<string>, sequential = false) =>
  defineTool({ name, description: name, inputSchema: z.object({}), sequential, execute });

const stateSchema = z.object({ marks: z.array(z.number()).default([]) });
type State = z.infer<typeof stateSchema>;

const tools = {
  quick: tool('quick', async () => 'quick'),
  fails: tool('fails', () => Promise.reject(new Error('no'))),
  slow: tool('slow', () => pause(8).then(() => 'slow')),
  next: tool('next', () => pause(3).then(() => 'next'), true),
  marks: defineTool({
    name: 'marks',
    description: 'Writes the state.',
    inputSchema: z.object({}),
    execute: async (_, { updateState }) => {
      await pause(2);
      updateState<State>(({ marks }) => void marks.push(marks.length));
      return 'marked';
    },
  }),
};
type ToolName = keyof typeof tools;

const agent = defineAgent({ name: 'assistant', systemPrompt: '', stateSchema, tools: Object.values(tools) });

/** What the model does in one step of a turn. */
interface Step {
  readonly thinks: boolean;
  readonly words: number;
  readonly calls: readonly ToolName[];
  /** It breaks off so often before it answers. */
  readonly breaks: number;
  /** It tells nothing on the way. */
  readonly silent: boolean;
}

interface Turn {
  readonly steps: readonly Step[];
  readonly end: 'reply' | 'nothing' | 'failure' | 'refusal' | 'stop';
  /** What comes after a failure: the turn is tried again, or another one begins. */
  readonly next: 'retry' | 'message';
  /** Calls that end before their siblings are written on their own, as in a store that outlives its process. */
  readonly lasts: boolean;
  /** When the stop comes, and when pages are loaded. Milliseconds. */
  readonly stopAfter: number;
  readonly pages: readonly { readonly after: number; readonly withSnapshot: boolean }[];
}

const moment = fc.nat({ max: 40 });
const step: fc.Arbitrary<Step> = fc.record({
  thinks: fc.boolean(),
  words: fc.nat({ max: 4 }),
  calls: fc.array(fc.constantFrom<ToolName>('quick', 'fails', 'slow', 'next', 'marks'), { maxLength: 4 }),
  breaks: fc.constantFrom(0, 0, 0, 1),
  silent: fc.constantFrom(false, false, true),
});
const turn: fc.Arbitrary<Turn> = fc.record({
  steps: fc.array(step, { minLength: 1, maxLength: 4 }),
  end: fc.constantFrom('reply', 'reply', 'nothing', 'failure', 'refusal', 'stop'),
  next: fc.constantFrom('retry', 'message'),
  lasts: fc.boolean(),
  stopAfter: moment,
  pages: fc.array(fc.record({ after: moment, withSnapshot: fc.boolean() }), { minLength: 3, maxLength: 6 }),
});

/** A model that plays a turn: each step with its breaks, then the end. */
function model({ steps, end }: Turn) {
  const script = steps.flatMap((one, index) => [
    ...Array.from({ length: one.breaks }, () => ({ ...one, breaks: 1, index })),
    { ...one, breaks: 0, index },
  ]);
  return async ({ callbacks }: LLMGenerateInput, call: number): Promise<StepResult> => {
    const now = script[call - 1];
    if (!now) {
      if (end === 'failure' && call === script.length + 1)
        return { type: 'error', error: new HelixError('provider_auth_failed', 'wrong key') };
      if (end === 'nothing') return { type: 'text', content: '', stopReason: 'max_tokens' };
      callbacks.onTextDelta?.('The end.');
      if (end === 'refusal' && call === script.length + 1) {
        const refused = { ...toolCall('quick', call, 0), arguments: { so: 'far' } };
        callbacks.onToolInputStart?.(refused.id, refused.name);
        callbacks.onToolInputDelta?.(refused.id, JSON.stringify(refused.arguments));
        return { type: 'tool_calls', content: 'The end.', toolCalls: [refused], stopReason: 'refusal' };
      }
      return { type: 'text', content: 'The end.' };
    }
    const words = Array.from({ length: now.words }, (_, index) => `${now.index}.${index} `);
    if (now.thinks && !now.silent) callbacks.onThinking?.('Hm.', true);
    for (const word of now.silent ? [] : words) {
      callbacks.onTextDelta?.(word);
      await pause(1);
    }
    if (now.breaks > 0) return { type: 'error', error: new HelixError('provider_overloaded', 'again') };
    const content = words.join('');
    const said = { content, ...(now.thinks && { thinking: { content: 'Hm.' } }) };
    if (now.calls.length === 0) return { type: 'tool_calls', ...said, toolCalls: [toolCall('quick', now.index, 0)] };
    return { type: 'tool_calls', ...said, toolCalls: now.calls.map((name, nth) => toolCall(name, now.index, nth)) };
  };
}

function toolCall(name: ToolName, index: number, nth: number) {
  return { id: `${name}-${index}-${nth}`, name, arguments: {} };
}

/** Pages that are loaded while something goes on, once it and their replies are over. */
async function loadedMeanwhile(server: ReturnType<typeof inProcess>, { pages }: Turn, going: Promise<void>) {
  const loaded = pages.map(async ({ after, withSnapshot }) => {
    await pause(after);
    const snapshot = await server.snapshot('s1').catch(() => undefined);
    if (!snapshot) return [];
    const bare = { ...snapshot, messages: [], streamSequence: 0, endedRunId: null };
    const page = loadPage(server, withSnapshot ? snapshot : bare);
    await page.chat.resumeStream();
    return [page];
  });
  await going;
  return (await Promise.all(loaded)).flat();
}

it('a page that is loaded at any moment of a turn ends with the reply, and the state, that are in the record', async () => {
  await fc.assert(
    fc.asyncProperty(turn, async (given) => {
      const server = inProcess(model(given), agent as never, { sendStatePatches: true });
      if (given.lasts) Object.defineProperty(server.stateStore, 'durability', { value: 'commit' });
      const first = loadPage(server, undefined);
      const stop = async () => {
        await pause(given.stopAfter);
        await server.executor.interrupt(agent as never, 's1').catch(() => {});
      };
      const expectAll = async (pages: readonly (typeof first)[]) => {
        const { messages, state } = await server.snapshot('s1');
        for (const page of [first, ...pages]) {
          expect(plain(page.chat.messages.slice(-1))).toEqual(plain(messages.slice(-1)));
          expect(page.state()).toEqual(state);
        }
      };
      if (given.end === 'stop') void stop();
      await expectAll(await loadedMeanwhile(server, given, first.chat.sendMessage({ text: 'Go' })));
      const again = given.next === 'retry' && first.chat.status === 'error';
      const next = again ? first.chat.regenerate() : first.chat.sendMessage({ text: 'And now?' });
      await expectAll(await loadedMeanwhile(server, given, next));
    }),
    { numRuns: 100 },
  );
});
