import { defineAgent, defineTool } from '@helix-agents/sdk';
import { z } from 'zod';
import { checkCitation } from './documents/check-citation.ts';
import type { Folder } from './documents/folder.ts';
import { search } from './documents/search.ts';

const line = z.number().int().positive();
/** A place that an answer relies on, with its words. */
export const note = z.object({ path: z.string(), fromLine: line, toLine: line, text: z.string() });
const state = z.object({ notes: z.array(note).default([]) });

type ResearchState = z.infer<typeof state>;

/** What the assistant owes: an answer, and where it stands. */
export interface ResearchAnswer {
  readonly answer: string;
  readonly citations: readonly {
    readonly path: string;
    readonly fromLine: number;
    readonly toLine: number;
    readonly quote: string;
  }[];
}

/** The assistant over one folder. */
export function researchAssistant(folder: Folder) {
  return defineAgent({
    name: 'research_assistant',
    systemPrompt:
      'You answer questions from a folder of documents, and from nothing else. Search, read the places that matter, keep a note of ' +
      'each place you will rely on, then finish with a short answer. Quote each source word for word. If the documents do not answer ' +
      'the question, say so.',
    stateSchema: state,
    reducers: { notes: 'append' },
    outputSchema: answerSchema(folder),
    tools: [searchTool(folder), readTool(folder), noteTool(folder)],
    maxSteps: 20,
  });
}

/** A citation that does not quote its lines is refused, and the model is told why. */
function answerSchema(folder: Folder) {
  const citation = z.object({
    path: z.string(),
    fromLine: line,
    toLine: line,
    quote: z.string().describe('the words of these lines, unchanged'),
  });
  return z.object({
    answer: z.string().min(1),
    citations: z.array(citation).superRefine((citations, context) => {
      for (const [index, one] of citations.entries()) {
        const problem = checkCitation(folder, one);
        if (problem) context.addIssue({ code: 'custom', path: [index], message: problem });
      }
    }),
  });
}

function searchTool(folder: Folder) {
  return defineTool({
    name: 'search_documents',
    description:
      'Finds sentences that speak of the words of a query, best first, with the lines that they stand in; and tells which words none has.',
    inputSchema: z.object({ query: z.string().min(1), limit: z.number().int().min(1).max(20).default(8) }),
    replay: 'safe',
    execute: async ({ query, limit }) => ({
      ...(await search(folder, query, limit)),
      documents: folder.documents.length,
    }),
  });
}

function readTool(folder: Folder) {
  return defineTool({
    name: 'read_document',
    description: 'Reads lines of a document.',
    inputSchema: z.object({
      path: z.string(),
      fromLine: line.default(1),
      lines: z.number().int().min(1).max(200).default(40),
    }),
    replay: 'safe',
    execute: ({ path, fromLine, lines }) => {
      const document = folder.documents.find((one) => one.path === path);
      const skipped = folder.skipped.find((one) => one.path === path);
      if (!document)
        throw new Error(skipped ? `${path} is not readable: ${skipped.reason}` : `there is no document ${path}`);
      return {
        path,
        fromLine,
        lines: document.lines.slice(fromLine - 1, fromLine - 1 + lines),
        total: document.lines.length,
      };
    },
  });
}

function noteTool(folder: Folder) {
  return defineTool({
    name: 'keep_note',
    description: 'Keeps lines that the answer will rely on.',
    inputSchema: note,
    replay: 'safe',
    execute: (kept, { updateState }) => {
      const problem = checkCitation(folder, { ...kept, quote: kept.text });
      if (problem) throw new Error(problem);
      updateState<ResearchState>((draft) => {
        draft.notes.push(kept);
      });
      return { kept: kept.text };
    },
  });
}
