// What applications name. Runtimes and stores are written against @helix-agents/core, which has more.
export { defineAgent, defineTool, finishToolName } from '@helix-agents/core';
export type {
  Agent,
  AgentConfig,
  AgentHooks,
  AnyAgent,
  HookContext,
  ReducersOf,
  Replay,
  Schema,
  SchemaInput,
  SchemaOutput,
  StateReducer,
  StateReducers,
  StopWhenContext,
  Tool,
  ToolConfig,
  ToolContext,
  Verification,
  VerifyContext,
} from '@helix-agents/core';

export { JSAgentExecutor, type JSAgentExecutorOptions, type RecoveryOptions } from '@helix-agents/runtime-js';
export { InMemoryStateStore, InMemoryStreamManager } from '@helix-agents/store-memory';
export type {
  AgentExecutionHandle,
  AgentExecutor,
  AgentInput,
  AgentResult,
  AgentState,
  CanResumeResult,
  ExecuteOptions,
  ResumeOptions,
  RunStatus,
  SessionPage,
  SessionPageRequest,
  SessionStateStore,
  SessionSummary,
  StreamManager,
} from '@helix-agents/core';

export {
  AgentAlreadyRunningError,
  AgentNotFoundError,
  errorTable,
  HelixError,
  StreamDropError,
  userMessageFor,
} from '@helix-agents/core';
export type { ErrorCode, ErrorDetail, ErrorRow, HelixErrorOptions } from '@helix-agents/core';

// A model of one's own.
export { retryAfterMsOf } from '@helix-agents/core';
export type {
  LLMAdapter,
  LLMConfig,
  LLMGenerateInput,
  LLMStreamCallbacks,
  StepResult,
  StopReason,
  ThinkingContent,
  ToolCallRequest,
  ToolChoice,
  ToolSpec,
} from '@helix-agents/core';

// What surrounds a run.
export { boundaries, defaultLimits, resolvePorts, uuidIds } from '@helix-agents/core';
export type {
  Boundary,
  Clock,
  Ids,
  Instrumentation,
  Limits,
  Logger,
  PortOptions,
  Random,
  RuntimePorts,
  Span,
} from '@helix-agents/core';

// What a session's record says.
export { applyPatch, ImmerStateTracker, noUsage, statusOf, toJson } from '@helix-agents/core';
export type {
  CallRecord,
  CallState,
  CompletionReason,
  FilePart,
  InboxItem,
  Json,
  JsonObject,
  MessagePart,
  MessageRecord,
  MessageRole,
  ModelMode,
  NotExecutedReason,
  OpenStep,
  PatchOperation,
  ProviderMetadata,
  ReasoningPart,
  RunOutcome,
  RunPhase,
  RunRecord,
  SessionIdentity,
  SessionSnapshot,
  SourcePart,
  StepVerdict,
  StopKind,
  TextPart,
  TokenUsage,
  ToolCallPart,
  ToolOutcome,
  ToolResultPart,
  UnusualStop,
  UsageEntry,
  UsageRollup,
  WaitAnswer,
  WaitKind,
  WaitRecord,
} from '@helix-agents/core';

// What a session streams.
export {
  classifyStreamTerminal,
  decodeStreamFrame,
  encodeStreamFrame,
  followSession,
  streamFrameToSSE,
  streamIdOf,
} from '@helix-agents/core';
export type {
  ChunkBase,
  ChunkBody,
  ChunkType,
  EncodedFrame,
  FollowSessionOptions,
  StoredChunk,
  StreamChunk,
  StreamFrame,
  StreamPage,
  StreamTerminal,
} from '@helix-agents/core';
