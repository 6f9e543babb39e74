import { styleText } from 'node:util';
import type { StreamChunk, ToolOutcome } from '@helix-agents/sdk';
import type { ResearchAnswer } from '../agent.ts';
import type { ToolResult } from '../last-results.ts';
import { duration } from './duration.ts';
import { plural } from './plural.ts';
import { printable, printableLine, printablePath } from './printable.ts';
import type { Report } from './report.ts';

type Paint = (style: 'dim' | 'bold' | 'cyan' | 'green' | 'red' | 'yellow', text: string) => string;

/** Of the files that are left out, whose folder may hold thousands, so many are named. */
const maxSkipped = 10;

/**
 * Text for a terminal or a pipe. What belongs to the answer goes to `out`, what only tells of the way to `progress`. Whatever others
 * wrote (documents, models, names of files) is made printable here.
 */
export function textReport(out: (text: string) => void, progress: (text: string) => void, colours: boolean): Report {
  const paint: Paint = (style, text) =>
    colours ? styleText(style, printable(text), { validateStream: false }) : printable(text);
  const { line, stepLine, write, takeBack, endSteps } = stepLines(progress, paint);
  const tellResults = (step: number, results: readonly ToolResult[]) => {
    for (const one of results) stepLine(step, resultLine(one.toolName, one.outcome));
    endSteps();
  };
  return {
    begin: ({ sessionId, model, folder, documents, question }) => {
      line(`${paint('dim', 'session')} ${printableLine(sessionId)}`);
      line(`${paint('dim', 'model  ')} ${printableLine(model)}`);
      line(`${paint('dim', 'folder ')} ${printablePath(folder)} (${plural(documents, 'document')})`);
      if (question !== null) line(`${paint('dim', 'asked  ')} ${short(printableLine(question))}`);
    },
    skipped: (files) => {
      for (const { path, reason } of files.slice(0, maxSkipped))
        line(paint('yellow', `left out ${printablePath(path)}: ${reason}`));
      const more = files.length - maxSkipped;
      if (more > 0) line(paint('yellow', `left out ${more} more; --json names each`));
    },
    recovered: ({ stepsDone }, results) => {
      line(paint('yellow', `recovered: ${recorded(stepsDone)}; going on from there`));
      tellResults(stepsDone, results);
    },
    resumed: ({ stepsDone }, results) => {
      line(paint('yellow', `resumed: ${recorded(stepsDone)}; going on from there, steps are counted anew`));
      tellResults(stepsDone, results);
    },
    follows: ({ stepsDone }) =>
      line(
        paint(
          'yellow',
          `another process has this (${plural(stepsDone, 'step')} so far); following it, and taking it up if it dies`,
        ),
      ),
    retry: ({ attempt, of, waitMs, reason }) =>
      line(paint('yellow', `   attempt ${attempt} of ${of} in ${duration(waitMs)}: ${printableLine(reason)}`)),
    notice: (text) => line(paint('yellow', text)),
    chunk: (chunk) => {
      if (chunk.type === 'text_delta') return write(chunk.step, chunk.delta);
      if (chunk.type === 'rewound') return takeBack();
      if (chunk.type === 'gap') return line(paint('yellow', '   (some of this never arrived; the record has it)'));
      const text = describe(chunk);
      if (text !== null) stepLine(chunk.step, text);
    },
    end: (result, { tokens }, milliseconds) => {
      endSteps();
      line('');
      if (result.output) printAnswer(result.output, (text) => out(`${text}\n`), paint);
      const steps = `${plural(result.stepCount, 'step')} · ${tokens.total} tokens in the session · ${Math.round(milliseconds)} ms`;
      line(paint('dim', `\n${result.status} · ${steps} · session ${result.sessionId}`));
    },
    problem: ({ message, code, unharmed, nextStep }) => {
      const what = printableLine(message).replace(/\.$/, '');
      const next = `${paint('bold', 'Next:')} ${printableLine(nextStep)}`;
      line(`${paint('red', 'problem:')} ${what} (${code}). ${unharmed} ${next}`);
    },
  };
}

/** Writes what a step says as it comes, and everything else on lines of its own. A step is told behind its number, once. */
function stepLines(progress: (text: string) => void, paint: Paint) {
  /** The step whose number was written last. */
  let told: number | null = null;
  let isWriting = false;
  const endText = () => {
    if (isWriting) progress('\n');
    isWriting = false;
  };
  const line = (text: string) => {
    endText();
    progress(`${text}\n`);
  };
  const margin = (step: number) => {
    if (step === told) return '   ';
    told = step;
    return paint('cyan', `${step}  `);
  };
  return {
    line,
    stepLine: (step: number, text: string) => line(margin(step) + paint('dim', text)),
    write: (step: number, text: string) => {
      if (step !== told) endText();
      if (!isWriting) progress(margin(step));
      isWriting = true;
      progress(printable(text));
    },
    /** Says nothing where nothing was told since it was said last. */
    takeBack: () => {
      if (told !== null) line(paint('dim', '   (an attempt was given up; what follows replaces it)'));
      told = null;
    },
    endSteps: () => {
      endText();
      told = null;
    },
  };
}

function printAnswer(output: ResearchAnswer, line: (text: string) => void, paint: Paint): void {
  line(paint('bold', output.answer));
  for (const { path, fromLine, toLine, quote } of output.citations) {
    const lines = fromLine === toLine ? String(fromLine) : `${fromLine}-${toLine}`;
    line(`  ${paint('green', `${printablePath(path)}:${lines}`)}  “${printableLine(quote)}”`);
  }
}

function describe(chunk: StreamChunk): string | null {
  switch (chunk.type) {
    case 'tool_start':
      return `→ ${chunk.toolName} ${short(JSON.stringify(chunk.arguments))}`;
    case 'tool_end':
      return resultLine(chunk.toolName, chunk.outcome);
    case 'state_patch':
      return `state ${chunk.operations.map(({ op, path }) => `${op} ${path}`).join(', ')}`;
    default:
      return null;
  }
}

function recorded(steps: number): string {
  return `${plural(steps, 'step')} ${steps === 1 ? 'is' : 'are'} in the record`;
}

function resultLine(toolName: string, result: ToolOutcome): string {
  return `← ${toolName} ${outcome(result)}`;
}

function outcome(result: ToolOutcome): string {
  if (result.type === 'result') return short(JSON.stringify(result.value));
  if (result.type === 'error') return `failed: ${printableLine(result.error.message)}`;
  return result.type === 'unknown' ? `unknown: ${result.note}` : `not executed: ${result.reason}`;
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
