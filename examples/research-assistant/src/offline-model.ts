import type { LLMAdapter, LLMGenerateInput, MessageRecord, StepResult, ToolCallRequest } from '@helix-agents/sdk';
import { z } from 'zod';
import { note } from './agent.ts';
import { wordsAsWritten } from './documents/words.ts';
import { plural } from './report/plural.ts';

/** What it says of itself wherever its answers are shown. */
export const offlineModelName = 'offline rules (no language model: it finds sentences by their words)';

/**
 * A stand-in for a language model: rules that search, read, note and quote. It knows nothing and invents nothing; the same
 * question over the same documents gives the same answer.
 */
export class OfflineModel implements LLMAdapter {
  readonly #pause: (ms: number, abortSignal: AbortSignal) => Promise<void>;

  /** `pause` stands between two words, so that one sees them come. */
  constructor(pause: (ms: number, abortSignal: AbortSignal) => Promise<void>) {
    this.#pause = pause;
  }

  async generateStep(input: LLMGenerateInput): Promise<StepResult> {
    const { content, toolCalls } = reply(turnOf(input.messages));
    for (const word of content.match(/\S+\s*/g) ?? []) {
      await this.#pause(12, input.abortSignal);
      input.callbacks.onTextDelta?.(word);
    }
    const written = content.split(' ').length + JSON.stringify(toolCalls).split(/\W+/).length;
    const read = input.messages.reduce((sum, message) => sum + JSON.stringify(message.parts).split(/\W+/).length, 0);
    return {
      type: 'tool_calls',
      content,
      toolCalls,
      model: 'offline-rules',
      usage: { input: read, output: written, total: read + written },
    };
  }
}

interface Reply {
  readonly content: string;
  readonly toolCalls: readonly ToolCallRequest[];
}

/** What a search found, and so what is noted of it. */
type Hit = z.infer<typeof note>;

const found = z.object({ hits: z.array(note) });

/** What happened since the last question. */
interface Turn {
  readonly question: string;
  readonly searched: boolean;
  readonly hits: readonly Hit[];
  readonly read: number;
  readonly noted: readonly Hit[];
}

const maxSources = 3;

function reply(turn: Turn): Reply {
  const sources = turn.hits.slice(0, maxSources);
  if (!turn.searched)
    return ask(`Looking for ${topic(turn.question)}.`, 'search_documents', [{ query: turn.question }]);
  if (sources.length === 0) return finish('Nothing in the documents speaks of this.', []);
  if (turn.read === 0) {
    return ask(
      `Reading ${plural(sources.length, 'place')}.`,
      'read_document',
      sources.map(({ path, fromLine, toLine }) => {
        const first = Math.max(1, fromLine - 2);
        return { path, fromLine: first, lines: toLine + 3 - first };
      }),
    );
  }
  if (turn.noted.length === 0)
    return ask(
      'These lines matter.',
      'keep_note',
      sources.map(({ path, fromLine, toLine, text }) => ({ path, fromLine, toLine, text })),
    );
  return finish(turn.noted.map(({ text }) => asSentence(text)).join(' '), turn.noted);
}

/** What is looked for: some words of the question, or the question itself where it has none. */
function topic(question: string): string {
  return wordsAsWritten(question).slice(0, 6).join(', ') || `“${question}”`;
}

/** A row of a table reads as what its first cell says of the others. Quotes stay as they are. */
function asSentence(text: string): string {
  const cells = text.split(' | ').map((cell) => cell.trim());
  const [first, ...others] = cells.filter((cell) => cell !== '');
  const sentence = others.length === 0 ? (first ?? '') : `${first}: ${others.join(', ')}`;
  return /[.!?:…。！？]["'”’)`*_]*$/u.test(sentence) ? sentence : `${sentence}.`;
}

function ask(content: string, name: string, inputs: readonly object[]): Reply {
  return { content, toolCalls: inputs.map((input, index) => ({ id: `call_${index + 1}`, name, arguments: input })) };
}

function finish(answer: string, sources: readonly Hit[]): Reply {
  const citations = sources.map(({ text, ...place }) => ({ ...place, quote: text }));
  return ask('Here is what the documents say.', '__finish__', [{ answer, citations }]);
}

function turnOf(messages: readonly MessageRecord[]): Turn {
  const start = messages.findLastIndex(({ role }) => role === 'user');
  const parts = messages.slice(start).flatMap((message) => message.parts);
  const question = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))[0] ?? '';
  const results = parts.flatMap((part) =>
    part.type === 'tool-result' && part.outcome.type === 'result'
      ? [{ tool: part.toolName, value: part.outcome.value }]
      : [],
  );
  const answered = (tool: string) => results.filter((result) => result.tool === tool);
  const hits = answered('search_documents').flatMap(({ value }) => found.parse(value).hits);
  const noted = parts.flatMap((part) =>
    part.type === 'tool-call' && part.toolName === 'keep_note' ? [note.parse(part.input)] : [],
  );
  const called = (tool: string) => parts.some((part) => part.type === 'tool-result' && part.toolName === tool);
  return {
    question,
    searched: called('search_documents'),
    hits,
    read: called('read_document') ? 1 : 0,
    noted: called('keep_note') ? noted : [],
  };
}
