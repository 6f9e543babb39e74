import type { MessageRecord, RunRecord, StoredChunk } from '@helix-agents/core';
import { validChunks } from '../valid-chunks.ts';
import { canonical, resultsOf, type KeptSession, type Tell } from './kept-session.ts';
import type { RunReader } from './run-reader.ts';

const endOf = { completed: 'completed', interrupted: 'interrupted', failed: 'fail', aborted: 'fail' } as const;

/** Judges what a reader of a run has in the end. `isWhole`: nothing was broken while the run went on, so nothing may lack. */
export function judgeReader(
  reader: RunReader,
  kept: KeptSession,
  isWhole: (run: RunRecord) => boolean,
  tell: Tell,
): void {
  const { runId, terminals, visible } = reader;
  const say: Tell = (line) => tell(`the reader of ${runId} ${line}`);
  reader.faults.forEach(say);
  const run = kept.runs.find((one) => one.runId === runId);
  if (run?.phase.at !== 'ended') return say('follows a run without an end');
  const ends = terminals.map((frame) => (frame.type === 'end' ? frame.status : frame.type)).join();
  if (ends !== endOf[run.phase.outcome]) say(`ended with ${ends || 'nothing'}; the run is ${run.phase.outcome}`);
  const foreign = visible.find(({ chunk }) => chunk.runId !== runId);
  if (foreign) say(`got a chunk of another run: ${JSON.stringify(foreign)}`);
  const messages = kept.messages.filter((message) => message.runId === runId);
  judgeVisible(visible, messages, kept.chunks, say);
  if (isWhole(run)) judgeWhole(visible, messages, say);
  else if (!visible.some(isGap)) judgeWords(visible, messages, say);
}

/** Judges what somebody has who reads the whole stream in the end. */
export function judgeStream({ chunks, messages }: KeptSession, tell: Tell): void {
  for (const [index, { sequence }] of chunks.entries())
    if (sequence !== index + 1) tell(`chunk ${sequence} stands at place ${index + 1}`);
  judgeVisible(validChunks(chunks), messages, chunks, (line) => tell(`who reads the stream ${line}`));
}

/** Words may lack that died with their writer; none is there that was not said, and calls came to what the record says. */
function judgeVisible(
  visible: readonly StoredChunk[],
  messages: readonly MessageRecord[],
  chunks: readonly StoredChunk[],
  tell: Tell,
): void {
  const words = wordsOf(visible);
  if (!isWithin(words, textOf(messages))) tell(`has ${words.join('')}; what was said is ${textOf(messages)}`);
  const results = new Map(resultsOf(messages).map((part) => [part.toolCallId, canonical(part.outcome)]));
  const seen = new Set<string>();
  for (const { chunk } of visible) {
    if (chunk.type !== 'tool_start' && chunk.type !== 'tool_end') continue;
    const { type, toolCallId } = chunk;
    if (seen.has(`${type} ${toolCallId}`) && !chunks.some(isGap)) tell(`saw ${type} of ${toolCallId} twice`);
    seen.add(`${type} ${toolCallId}`);
    if (!results.has(toolCallId)) tell(`saw ${type} of ${toolCallId}, which is in no record`);
    if (type === 'tool_end' && results.get(toolCallId) !== canonical(chunk.outcome))
      tell(`saw ${toolCallId} end with ${canonical(chunk.outcome)}; it is ${results.get(toolCallId)}`);
  }
}

function judgeWhole(visible: readonly StoredChunk[], messages: readonly MessageRecord[], tell: Tell): void {
  judgeWords(visible, messages, tell);
  const ends = visible.filter(({ chunk }) => chunk.type === 'tool_end').length;
  if (ends !== resultsOf(messages).length) tell(`saw ${ends} of ${resultsOf(messages).length} calls end`);
}

/** A reader who was told of no gap has every word. */
function judgeWords(visible: readonly StoredChunk[], messages: readonly MessageRecord[], tell: Tell): void {
  if (wordsOf(visible).join('') !== textOf(messages)) tell('lacks words, and was told of no gap');
}

/** Where chunks died with their writer, the next one cannot know what it had told. */
function isGap({ chunk }: StoredChunk): boolean {
  return chunk.type === 'gap';
}

function wordsOf(visible: readonly StoredChunk[]): string[] {
  return visible.flatMap(({ chunk }) => (chunk.type === 'text_delta' ? [chunk.delta] : []));
}

function textOf(messages: readonly MessageRecord[]): string {
  const replies = messages.filter(({ role }) => role === 'assistant').flatMap(({ parts }) => parts);
  return replies.map((part) => (part.type === 'text' ? part.text : '')).join('');
}

/** Whether all words stand in the text, in this order. */
function isWithin(words: readonly string[], text: string): boolean {
  let from = 0;
  return words.every((word) => {
    const at = text.indexOf(word, from);
    from = at + word.length;
    return at >= 0;
  });
}
