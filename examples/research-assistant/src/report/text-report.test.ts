// Would catch: a document or a model that steers the terminal, steps that run into each other, a refusal that a script cannot tell apart.
import type { AgentResult, StreamChunk, UsageRollup } from '@helix-agents/sdk';
import { expect, test } from 'vitest';
import type { ResearchAnswer } from '../agent.ts';
import { jsonReport } from './json-report.ts';
import type { Report } from './report.ts';
import { textReport } from './text-report.ts';

function written(make: (write: (text: string) => void) => Report, tell: (report: Report) => void): string {
  let text = '';
  tell(make((part) => (text += part)));
  return text;
}

const inText = (tell: (report: Report) => void, colours = false) =>
  written((write) => textReport(write, write, colours), tell);
const inJson = (tell: (report: Report) => void) => written(jsonReport, tell);

const place = { agentId: 'ses_1', agentType: 'a', runId: 'run_1', attempt: 1, timestamp: 0 };
const says = (delta: string, step = 1): StreamChunk => ({ ...place, step, type: 'text_delta', delta });

const evil = 'a\u001B[2Jb\u0007c\u009B31md\re\u007F';
const answered: AgentResult<ResearchAnswer> = {
  status: 'completed',
  sessionId: 'ses_1',
  runId: 'run_1',
  turn: 1,
  stepCount: 1,
  output: { answer: evil, citations: [{ path: evil, fromLine: 1, toLine: 1, quote: evil }] },
};
const usage = { tokens: { total: 1 } } as UsageRollup;

function everything(report: Report): void {
  report.begin({ sessionId: evil, model: evil, folder: evil, documents: 1, question: evil });
  report.skipped([{ path: evil, reason: 'it is empty' }]);
  report.retry({ attempt: 2, of: 4, waitMs: 1, code: 'provider_error', reason: evil });
  report.chunk(says(evil));
  report.chunk({ ...place, step: 1, type: 'tool_start', toolCallId: '1', toolName: evil, arguments: { evil } });
  const error = { message: evil, code: 'tool_failed', category: 'tool', retryable: false } as const;
  const outcome = { type: 'error', error } as const;
  report.chunk({ ...place, step: 1, type: 'tool_end', toolCallId: '1', toolName: evil, outcome });
  report.end(answered, usage, 1);
  report.problem({ message: evil, nextStep: evil, code: 'input_invalid', unharmed: 'Nothing was begun.', exitCode: 2 });
}

test('nothing that others wrote steers a terminal, as text or as JSON', () => {
  expect(inText(everything)).not.toMatch(/(?![\n\t])\p{Cc}/u);
  expect(inJson(everything)).not.toMatch(/(?!\n)\p{Cc}/u);
  const own = /\u001B\[\d+m/g; // eslint-disable-line no-control-regex -- the colours are ours
  expect(inText(everything, true).replaceAll(own, '')).not.toMatch(/(?![\n\t])\p{Cc}/u);
});

test('nothing that others wrote turns the text behind it around', () => {
  expect(inText((report) => report.chunk(says('a \u202Egnp.exe')))).not.toMatch(/[\u202A-\u202E\u2066-\u2069]/);
});

test('lines and tabs of an answer stay, and so does every other sign', () => {
  expect(inText((report) => report.chunk(says('eins\r\n\tzwei – 三 👍')))).toContain('eins\n\tzwei – 三 👍');
});

test('JSON comes back as it went', () => {
  const [line = ''] = inJson((report) => report.skipped([{ path: evil, reason: 'it is empty' }])).split('\n');
  expect(JSON.parse(line)).toEqual({ event: 'skipped', path: evil, reason: 'it is empty' });
});

test('two names that differ in what cannot be seen are shown differently', () => {
  expect(inText((report) => report.skipped([{ path: 'a\u001Bb\nc', reason: 'it is empty' }]))).toBe(
    'left out a\\x1bb\\x0ac: it is empty\n',
  );
});

test('of thousands that are left out a person gets ten and their number, a program each', () => {
  const files = Array.from({ length: 3_000 }, (_, index) => ({ path: `${index}.gz`, reason: 'it is not text' }));
  const lines = inText((report) => report.skipped(files)).split('\n');
  expect(lines.slice(9)).toEqual(['left out 9.gz: it is not text', 'left out 2990 more; --json names each', '']);
  expect(inText((report) => report.skipped(files.slice(0, 10)))).not.toContain('more');
  expect(
    inJson((report) => report.skipped(files))
      .trim()
      .split('\n'),
  ).toHaveLength(3_000);
});

test('what is asked is told in one line, also where nobody asked or where it is long', () => {
  const facts = { sessionId: 'ses_1', model: 'm', folder: 'f', documents: 1 };
  const asked = (question: string | null) =>
    inText((report) => report.begin({ ...facts, question }))
      .split('\n')
      .slice(3);
  expect(asked('Who built\nthe oven?')).toEqual(['asked   Who built the oven?', '']);
  expect(asked('a'.repeat(1_000))[0]).toHaveLength(108);
  expect(asked(null)).toEqual(['']);
});

test('each step writes its text on lines of its own, also where no tool stands between them', () => {
  const text = inText((report) => {
    report.chunk(says('One'));
    report.chunk(says(' more.'));
    report.chunk(says('Two.', 2));
    report.notice('done');
  });
  expect(text).toBe('1  One more.\n2  Two.\ndone\n');
});

test('a retry says which one it is, of how many, when and why', () => {
  const retry = { attempt: 2, of: 4, waitMs: 1_240, code: 'provider_overloaded', reason: 'busy\n now' };
  expect(inText((report) => report.retry(retry))).toBe('   attempt 2 of 4 in 1.2 s: busy now\n');
  expect(JSON.parse(inJson((report) => report.retry(retry)))).toEqual({ event: 'retry', ...retry });
});

test('a problem is one line with its code, what is unharmed and the next step', () => {
  const failure = {
    message: 'it broke.\n Twice.',
    nextStep: 'mend it',
    code: 'input_invalid',
    unharmed: 'Nothing was begun.',
    exitCode: 2,
  };
  expect(inText((report) => report.problem(failure))).toBe(
    'problem: it broke. Twice (input_invalid). Nothing was begun. Next: mend it\n',
  );
  const { exitCode: _, ...told } = failure;
  expect(JSON.parse(inJson((report) => report.problem(failure)))).toEqual({ event: 'problem', ...told });
});

/** A step without words: a tool that is called, and what it changed. */
function callsTool(report: Report, step = 1): void {
  const call = { ...place, step, toolCallId: '1', toolName: 'keep_note' };
  report.chunk({ ...call, type: 'tool_start', arguments: { path: 'a.md' } });
  report.chunk({ ...call, type: 'tool_end', outcome: { type: 'result', value: 7 } });
  report.chunk({ ...place, step, type: 'state_patch', operations: [{ op: 'add', path: '/notes/0', value: 1 }] });
}

test('tools, and what they changed in the state, are told as they come, behind the number of their step', () => {
  const silent = inText((report) => {
    callsTool(report);
    callsTool(report, 2);
  });
  const lines = '→ keep_note {"path":"a.md"}\n   ← keep_note 7\n   state add /notes/0\n';
  expect(silent).toBe(`1  ${lines}2  ${lines}`);
  const speaking = inText((report) => {
    report.chunk(says('One.'));
    callsTool(report);
  });
  expect(speaking).toBe(`1  One.\n   ${lines}`);
});

test('what is taken back is told once, and its step begins anew', () => {
  const rewound = { ...place, step: 0, type: 'rewound', toSequence: 0 } as const;
  const text = inText((report) => {
    report.chunk(rewound);
    report.chunk(says('On'));
    report.chunk(rewound);
    report.chunk(rewound);
    report.chunk(says('One.'));
    report.notice('done');
  });
  expect(text).toBe('1  On\n   (an attempt was given up; what follows replaces it)\n1  One.\ndone\n');
});

test('what is missing is said, on a line of its own', () => {
  const text = inText((report) => {
    report.chunk(says('Half a '));
    report.chunk({ ...place, step: 1, type: 'gap' });
    report.notice('done');
  });
  expect(text).toBe('1  Half a \n   (some of this never arrived; the record has it)\ndone\n');
});

test('the next question begins with its own first step', () => {
  const text = inText((report) => {
    report.chunk(says('One.'));
    report.end(answered, usage, 1);
    report.chunk(says('One.'));
  });
  expect(text.match(/^1 {2}One\./gm)).toHaveLength(2);
});

test('the end of a run tells the answer with its places, then how it ended, in steps, tokens, time and session', () => {
  const citations = [
    { path: 'a.md', fromLine: 3, toLine: 3, quote: 'at seven' },
    { path: 'b.md', fromLine: 1, toLine: 2, quote: 'every\nday' },
  ];
  const result = { ...answered, stepCount: 4, output: { answer: 'At seven.', citations } };
  const tokens = { tokens: { total: 1_234 } } as UsageRollup;
  expect(
    inText((report) => report.end(result, tokens, 2_345.6))
      .trim()
      .split(/\n+/),
  ).toEqual([
    'At seven.',
    '  a.md:3  “at seven”',
    '  b.md:1-2  “every day”',
    'completed · 4 steps · 1234 tokens in the session · 2346 ms · session ses_1',
  ]);
  const told = JSON.parse(inJson((report) => report.end(result, tokens, 2_345.6))) as object;
  expect(told).toEqual({ event: 'end', result, usage: tokens, milliseconds: 2_345.6 });
});

test('a session that is taken up again is told with how far its record goes, and what its last step gave', () => {
  const progress = { sessionId: 'ses_1', stepsDone: 2 };
  const outcome = { type: 'result', value: { lines: 3 } } as const;
  const results = ['a', 'b'].map(
    (toolCallId) => ({ type: 'tool-result', toolCallId, toolName: 'read', outcome }) as const,
  );
  expect(inText((report) => report.recovered(progress, results))).toBe(
    'recovered: 2 steps are in the record; going on from there\n2  ← read {"lines":3}\n   ← read {"lines":3}\n',
  );
  expect(inText((report) => report.resumed({ ...progress, stepsDone: 1 }, []))).toBe(
    'resumed: 1 step is in the record; going on from there, steps are counted anew\n',
  );
});
