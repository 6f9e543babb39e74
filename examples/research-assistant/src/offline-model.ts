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
type Note = z.infer<typeof note>;

const found = z.object({ hits: z.array(note.extend({ score: z.number() })), unknown: z.array(z.string()) });
type FoundHits = z.infer<typeof found>;

/** What happened since the last question. */
interface Turn {
  readonly question: string;
  /** null: not yet. */
  readonly found: FoundHits | null;
  readonly hasRead: boolean;
  readonly noted: readonly Note[];
}

function reply(turn: Turn): Reply {
  if (!turn.found) return ask(`Looking for ${topic(turn.question)}.`, 'search_documents', [{ query: turn.question }]);
  const sources = sourcesOf(turn.found);
  if (sources.length === 0) return finish('Nothing in the documents speaks of this.', []);
  if (!turn.hasRead) {
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
  const sentences = turn.noted.map(({ text }) => asSentence(text));
  return finish([...sentences, ...caveat(turn.found)].join(' '), turn.noted);
}

const maxSources = 3;

/** The best, and what is more than half as good. */
function sourcesOf({ hits }: FoundHits): FoundHits['hits'] {
  const best = hits[0]?.score ?? 0;
  return hits.slice(0, maxSources).filter(({ score }) => score > best / 2);
}

/** Says which words of the question the answer cannot be about. */
function caveat({ unknown }: FoundHits): string[] {
  if (unknown.length === 0) return [];
  const quoted = unknown.map((word) => `“${word}”`).join(', ');
  return [`No sentence here has the word${unknown.length === 1 ? '' : 's'} ${quoted}.`];
}

/** What is looked for: some words of the question, or the question itself where it has none. */
function topic(question: string): string {
  return wordsAsWritten(question).slice(0, 6).join(', ') || `“${question}”`;
}

/** Without Markdown's links and bold print; a row of a table reads as what its first cell says of the others. Quotes stay as they are. */
function asSentence(text: string): string {
  const plain = text.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('**', '');
  const cells = plain.split(' | ').map((cell) => cell.trim());
  const [first, ...others] = cells.filter((cell) => cell !== '');
  const sentence = others.length === 0 ? (first ?? '') : `${first}: ${others.join(', ')}`;
  return /[.!?:…。！？]["'”’)`*_]*$/u.test(sentence) ? sentence : `${sentence}.`;
}

function ask(content: string, name: string, inputs: readonly object[]): Reply {
  return { content, toolCalls: inputs.map((input, index) => ({ id: `call_${index + 1}`, name, arguments: input })) };
}

function finish(answer: string, sources: readonly Note[]): Reply {
  const citations = sources.map(({ text, ...place }) => ({ ...place, quote: text }));
  return ask('Here is what the documents say.', '__finish__', [{ answer, citations }]);
}

function turnOf(messages: readonly MessageRecord[]): Turn {
  const start = messages.findLastIndex(({ role }) => role === 'user');
  const parts = messages.slice(start).flatMap((message) => message.parts);
  const question = parts.flatMap((part) => (part.type === 'text' ? [part.text] : []))[0] ?? '';
  const called = (tool: string) => parts.some((part) => part.type === 'tool-result' && part.toolName === tool);
  const searches = parts.flatMap((part) =>
    part.type === 'tool-result' && part.toolName === 'search_documents' && part.outcome.type === 'result'
      ? [found.parse(part.outcome.value)]
      : [],
  );
  const noted = parts.flatMap((part) =>
    part.type === 'tool-call' && part.toolName === 'keep_note' ? [note.parse(part.input)] : [],
  );
  return {
    question,
    found: searches[0] ?? (called('search_documents') ? { hits: [], unknown: [] } : null),
    hasRead: called('read_document'),
    noted: called('keep_note') ? noted : [],
  };
}
