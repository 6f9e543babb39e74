import type { ErrorDetail } from '../errors/helix-error.ts';
import type { PatchOperation } from '../state/patch.ts';
import type { Json } from '../values/json.ts';
import type { SourcePart, ToolOutcome } from './message.ts';

/** What every chunk says of its origin. */
export interface ChunkBase {
  /** The session of the agent that produced it. */
  readonly agentId: string;
  readonly agentType: string;
  /** Unix ms. */
  readonly timestamp: number;
  readonly runId: string;
  readonly step: number;
  readonly attempt: number;
}

/**
 * What a chunk carries. Deltas (`text_delta`, `thinking`, `tool_input_delta`, `file`) are pieces to be put one behind the other: how
 * they are cut says nothing, and those that waited together arrive as one.
 */
export type ChunkBody =
  | { readonly type: 'text_delta'; readonly delta: string }
  | { readonly type: 'thinking'; readonly content: string; readonly isComplete: boolean }
  /** A file that the model gave: pieces of its URL, `data:` or of a server. No other chunk of the run comes between them. */
  | { readonly type: 'file'; readonly mediaType: string; readonly url: string; readonly isComplete: boolean }
  /** What the reply stands on; a text or thought around it goes on as one. */
  | { readonly type: 'source'; readonly source: SourcePart }
  /** The model began to write a call. One that its reply does not complete is in no record, and no `tool_start` follows. */
  | { readonly type: 'tool_input_start'; readonly toolCallId: string; readonly toolName: string }
  | { readonly type: 'tool_input_delta'; readonly toolCallId: string; readonly delta: string }
  /** The call is complete; whether it fits its tool, `tool_end` says. Its commit is on the way; where that does not land, `rewound` takes this back. */
  | { readonly type: 'tool_start'; readonly toolCallId: string; readonly toolName: string; readonly arguments: Json }
  /** What the call came to. One whose writes then did not fit beside those of its siblings ends a second time, as failed. */
  | { readonly type: 'tool_end'; readonly toolCallId: string; readonly toolName: string; readonly outcome: ToolOutcome }
  | { readonly type: 'state_patch'; readonly operations: readonly PatchOperation[] }
  | { readonly type: 'custom'; readonly eventName: string; readonly data: Json }
  /** The step is complete. Its commit is on the way; where that does not land, `rewound` takes this back. */
  | { readonly type: 'step_end' }
  | { readonly type: 'output'; readonly output: Json }
  /** The run failed. A stop is no error and writes none. */
  | { readonly type: 'error'; readonly error: ErrorDetail }
  /** Everything after this sequence is withdrawn: an attempt was superseded. */
  | { readonly type: 'rewound'; readonly toSequence: number }
  /** Something is missing here: the stream never got it. What the record stands for by now is in the record. */
  | { readonly type: 'gap' };

/** One entry of a session's stream. */
export type StreamChunk = ChunkBase & ChunkBody;
/** What kinds of chunks there are. */
export type ChunkType = ChunkBody['type'];
