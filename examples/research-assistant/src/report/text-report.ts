import { styleText } from 'node:util';
import type { StreamChunk, ToolOutcome } from '@helix-agents/sdk';
import type { ResearchAnswer } from '../agent.ts';
import { plural } from './plural.ts';
import type { Report } from './report.ts';

/** Text for a terminal or a pipe. What belongs to the answer goes to `out`, what only tells of the way to `progress`. */
export function textReport(out: (text: string) => void, progress: (text: string) => void, colours: boolean): Report {
  const paint = (style: 'dim' | 'bold' | 'cyan' | 'green' | 'red' | 'yellow', text: string) =>
    colours ? styleText(style, text, { validateStream: false }) : text;
  let inText = false;
  const line = (text: string) => {
    if (inText) progress('\n');
    inText = false;
    progress(`${text}\n`);
  };
  return {
    begin: ({ sessionId, model, folder, documents }) => {
      line(`${paint('dim', 'session')} ${sessionId}`);
      line(`${paint('dim', 'model  ')} ${model}`);
      line(`${paint('dim', 'folder ')} ${folder} (${plural(documents, 'document')})`);
    },
    skipped: (path, reason) => line(paint('yellow', `left out ${path}: ${reason}`)),
    recovered: ({ stepsDone, messages }) =>
      line(
        paint(
          'yellow',
          `recovered: ${plural(stepsDone, 'step')} and ${plural(messages, 'message')} are in the record; going on from there`,
        ),
      ),
    notice: (text) => line(paint('yellow', text)),
    chunk: (chunk) => {
      if (chunk.type === 'text_delta') {
        if (!inText) progress(paint('cyan', `${chunk.step}  `));
        inText = true;
        progress(chunk.delta);
        return;
      }
      const text = describe(chunk);
      if (text !== null) line(paint('dim', text));
    },
    end: (result, { tokens }, milliseconds) => {
      if (result.output)
        printAnswer(result.output, (text) => out(`${text}\n`), paint, inText ? () => progress('\n') : () => {});
      const steps = `${plural(result.stepCount, 'step')} · ${tokens.total} tokens in the session · ${Math.round(milliseconds)} ms`;
      line(paint('dim', `\n${result.status} · ${steps} · session ${result.sessionId}`));
    },
    problem: (message, nextStep) =>
      line(`${paint('red', 'problem:')} ${message}. ${paint('bold', 'Next:')} ${nextStep}`),
  };
}

function printAnswer(
  output: ResearchAnswer,
  line: (text: string) => void,
  paint: (style: 'bold' | 'green', text: string) => string,
  begin: () => void,
): void {
  begin();
  line('');
  line(paint('bold', output.answer));
  for (const { path, fromLine, toLine, quote } of output.citations) {
    const place = fromLine === toLine ? `${path}:${fromLine}` : `${path}:${fromLine}-${toLine}`;
    line(`  ${paint('green', place)}  “${quote.replaceAll(/\s+/g, ' ')}”`);
  }
}

function describe(chunk: StreamChunk): string | null {
  switch (chunk.type) {
    case 'tool_start':
      return `   → ${chunk.toolName} ${short(JSON.stringify(chunk.arguments))}`;
    case 'tool_end':
      return `   ← ${chunk.toolName} ${outcome(chunk.outcome)}`;
    case 'state_patch':
      return `   state ${chunk.operations.map(({ op, path }) => `${op} ${path}`).join(', ')}`;
    case 'rewound':
      return '   (an attempt was given up; what follows replaces it)';
    default:
      return null;
  }
}

function outcome(result: ToolOutcome): string {
  if (result.type === 'result') return short(JSON.stringify(result.value));
  if (result.type === 'error') return `failed: ${result.error.message}`;
  return result.type === 'unknown' ? `unknown: ${result.note}` : `not executed: ${result.reason}`;
}

function short(text: string): string {
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}
