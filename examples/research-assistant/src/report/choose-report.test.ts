// Would catch: escape sequences in a file, an answer that drowns in progress where it is piped on, a terminal that shows no progress.
import type { StreamChunk, UsageRollup } from '@helix-agents/sdk';
import { expect, test } from 'vitest';
import { chooseReport, type ReportSettings } from './choose-report.ts';

const place = { agentId: 'ses_1', agentType: 'a', runId: 'run_1', attempt: 1, timestamp: 0, step: 1 };
const call: StreamChunk = {
  ...place,
  type: 'tool_start',
  toolCallId: '1',
  toolName: 'search_documents',
  arguments: {},
};
const result = { status: 'completed', sessionId: 'ses_1', runId: 'run_1', turn: 1, stepCount: 1 } as const;
const escape = '\u001B[';

/** What a call and an answer write, and where. */
function written(settings: Partial<ReportSettings>): { readonly out: string; readonly err: string } {
  const told = { out: '', err: '' };
  const report = chooseReport(
    { json: false, terminal: false, plain: false, ...settings },
    {
      out: (text) => void (told.out += text),
      err: (text) => void (told.err += text),
      closed: new AbortController().signal,
    },
  );
  report.chunk(call);
  report.end({ ...result, output: { answer: 'At seven.', citations: [] } }, { tokens: { total: 1 } } as UsageRollup, 1);
  return told;
}

test('a terminal gets the way and the answer, in colours', () => {
  const { out, err } = written({ terminal: true });
  expect(out).toMatch(/search_documents[^]*At seven\.[^]*completed/);
  expect(out).toContain(escape);
  expect(err).toBe('');
});

test('a terminal whose user wants none gets no colours', () => {
  const { out } = written({ terminal: true, plain: true });
  expect(out).toContain('search_documents');
  expect(out).not.toContain(escape);
});

test('a pipe gets the answer alone, as plain text; the way to it is on standard error', () => {
  const { out, err } = written({});
  expect(out).toBe('At seven.\n');
  expect(err).toMatch(/search_documents[^]*completed/);
  expect(out + err).not.toContain(escape);
});

test('--json is one object a line on standard output, also in a terminal', () => {
  const { out, err } = written({ json: true, terminal: true });
  const events = out
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { event: string }).event);
  expect(events).toEqual(['chunk', 'end']);
  expect(err).toBe('');
});
