import {
  HelixError,
  type FilePart,
  type LLMAdapter,
  type LLMGenerateInput,
  type MessageRecord,
  type SourcePart,
  type StepResult,
} from '@helix-agents/sdk';
import type { Calculated } from './arithmetic.ts';
import { longText, madeUpSources, markdownText, picture, whoIAm } from './offline-texts.ts';

/** What it does next, read from what was said. */
interface Plan {
  readonly text: string;
  readonly thought?: string;
  /** What stands behind the text. */
  readonly behind?: readonly (FilePart | SourcePart)[];
  readonly call?: { readonly name: string; readonly input: Readonly<Record<string, string>> };
  readonly fails?: true;
  /** It is at its limit behind the text. */
  readonly isCut?: true;
}

/**
 * A stand-in for a language model: a few rules that stream a text word by word and call a tool. It knows nothing, and says so.
 * The same conversation gives the same reply, but for what it was asked to fail at: that it does once.
 */
export class OfflineModel implements LLMAdapter {
  readonly #pause: (abortSignal: AbortSignal) => Promise<unknown>;
  readonly #failed = new Set<string>();

  /** `pause` stands between two words. */
  constructor(pause: (abortSignal: AbortSignal) => Promise<unknown>) {
    this.#pause = pause;
  }

  async generateStep(input: LLMGenerateInput): Promise<StepResult> {
    const { callbacks } = input;
    const question = input.messages.findLast(({ role }) => role === 'user');
    const key = question?.id ?? '';
    const { said, before } = untilCut(input.messages);
    const { text, thought, behind, call, fails, isCut } = rest(
      plan(before, textOf(question), this.#failed.has(key)),
      said,
    );
    if (thought) await this.#stream(thought, input, (word) => callbacks.onThinking?.(word, false));
    if (thought) callbacks.onThinking?.('', true);
    await this.#stream(text, input, (word) => callbacks.onTextDelta?.(word));
    if (fails) {
      this.#failed.add(key);
      throw new HelixError('provider_overloaded', 'the offline model failed because it was asked to', {
        retryable: false,
      });
    }
    const facts = { model: 'offline-rules', ...(thought && { thinking: { content: thought } }) };
    if (behind) return this.#give(text, behind, input);
    if (!call) return { type: 'text', content: text, ...facts, ...(isCut && { stopReason: 'max_tokens' }) };
    const toolCall = { id: `${call.name}_${input.messages.length}`, name: call.name, arguments: call.input };
    return { type: 'tool_calls', content: text, toolCalls: [toolCall], ...facts };
  }

  #give(text: string, behind: NonNullable<Plan['behind']>, { callbacks }: LLMGenerateInput): StepResult {
    for (const part of behind)
      if (part.type === 'file') callbacks.onFile?.(part);
      else callbacks.onSource?.(part);
    return { type: 'text', content: text, model: 'offline-rules', parts: [{ type: 'text', text }, ...behind] };
  }

  async #stream(text: string, { abortSignal }: LLMGenerateInput, say: (word: string) => void): Promise<void> {
    for (const word of text.match(/\S+\s*/g) ?? []) {
      await this.#pause(abortSignal);
      say(word);
    }
  }
}

const sum = /[(\d][\d\s.()]*(?:[-+*/][\d\s.()]+)+/;

function plan(messages: readonly MessageRecord[], said: string, hasFailed: boolean): Plan {
  const outcome = lastOutcome(messages);
  if (outcome) return { text: outcome };
  const expression = sum.exec(said)?.[0].trim();
  if (expression)
    return {
      thought: 'This holds a sum. A calculator is surer than a guess.',
      text: 'Let me work that out.',
      call: { name: 'calculate', input: { expression } },
    };
  if (/\b(time|date|day)\b/i.test(said))
    return { text: 'I will look at the clock.', call: { name: 'current_time', input: { timeZone: 'UTC' } } };
  if (/\b(fail|error|break)/i.test(said) && !hasFailed) return { text: 'I begin to answer, and then', fails: true };
  if (/\b(fail|error|break)/i.test(said))
    return {
      text: 'This time it worked. What I had begun before the failure is gone, from the page and from the record.',
    };
  if (/\bcut\b/i.test(said)) return { text: 'This answer has more words than', isCut: true };
  if (/\bnothing\b/i.test(said)) return { text: '' };
  if (/\bmarkdown\b/i.test(said)) return { text: markdownText };
  if (/\bpicture\b/i.test(said)) return { text: 'This is a hill on a fine day:', behind: [picture] };
  if (/\bsources?\b/i.test(said))
    return { text: 'High water is at 6:12. I made that up, and where I have it from, too.', behind: madeUpSources };
  return { text: /\b(long|story|stream|reload|tell)\b/i.test(said) ? longText : whoIAm };
}

/** What was said of this step until a stop cut it, and the conversation before that. */
function untilCut(records: readonly MessageRecord[]) {
  // What the loop tells models, that they were cut among it, needs no telling here.
  const messages = records.filter(({ role }) => role !== 'context');
  const begin = messages.findLastIndex(({ interrupted }) => !interrupted) + 1;
  return { said: messages.slice(begin).map(textOf).join(''), before: messages.slice(0, begin) };
}

/** What of a plan is still to be done by one who said some of it. */
function rest(whole: Plan, said: string): Plan {
  if (said === '' || !whole.text.startsWith(said)) return whole;
  const { thought: _, ...after } = whole;
  return { ...after, text: whole.text.slice(said.length) };
}

/** What to say of the result that came last; null where the user spoke last. */
function lastOutcome(messages: readonly MessageRecord[]): string | null {
  const part = messages.at(-1)?.parts.at(-1);
  if (part?.type !== 'tool-result') return null;
  if (part.outcome.type !== 'result') return `The tool \`${part.toolName}\` gave no result, so I cannot say.`;
  const value = part.outcome.value as Calculated | { readonly now: string; readonly timeZone: string };
  if ('problem' in value) return value.problem;
  return 'result' in value ? `The result is **${value.result}**.` : `It is **${value.now}** (${value.timeZone}).`;
}

function textOf(message: MessageRecord | undefined): string {
  return (message?.parts ?? []).flatMap((part) => (part.type === 'text' ? [part.text] : [])).join(' ');
}
