export { toJson, type Json, type JsonObject } from './values/json.ts';

export {
  AgentAlreadyRunningError,
  AgentNotFoundError,
  HelixError,
  StreamDropError,
  type ErrorDetail,
  type HelixErrorOptions,
} from './errors/helix-error.ts';
export { errorTable, type ErrorCode, type ErrorRow } from './errors/error-table.ts';
export { userMessageFor } from './errors/user-message.ts';

export type {
  AgentExecutionHandle,
  AgentExecutor,
  AgentInput,
  AgentResult,
  AgentState,
  CanResumeResult,
  ExecuteOptions,
  ResumeOptions,
} from './agent/agent-executor.ts';
export type {
  CallClaim,
  CallLedger,
  ClaimDueRequest,
  ClaimOutcome,
  DeliverOutcome,
  Durability,
  EndedRun,
  HeldSession,
  HolderRequest,
  RunQuery,
  SessionInbox,
  SessionLeases,
  SessionRecords,
  SessionStateStore,
  Signals,
} from './contracts/session-state-store.ts';
export type { StoredChunk, StreamFence, StreamManager, StreamPage, StreamWriter } from './contracts/stream-manager.ts';
export { checkContracts, type RuntimeParts } from './contracts/check-contracts.ts';
export {
  retryAfterMsOf,
  type LLMAdapter,
  type LLMConfig,
  type LLMGenerateInput,
  type LLMStreamCallbacks,
  type StepResult,
  type StopReason,
  type ThinkingContent,
  type ToolCallRequest,
  type ToolChoice,
  type ToolSpec,
} from './contracts/llm-adapter.ts';

export type { Agent, AnyAgent, StopWhenContext } from './agent/agent.ts';
export { withoutTypes } from './agent/without-types.ts';
export type { AgentConfig } from './agent/agent-config.ts';
export { defineAgent } from './agent/define-agent.ts';
export { agentsByName } from './agent/agents-by-name.ts';
export { defineTool, type ToolConfig } from './agent/define-tool.ts';
export type { AgentHooks, HookContext } from './agent/hooks.ts';
export { validate, type Checked, type Schema, type SchemaInput, type SchemaOutput } from './agent/schema.ts';
export {
  finishToolName,
  type Replay,
  type Tool,
  type ToolContext,
  type Verification,
  type VerifyContext,
} from './agent/tool.ts';

export { advance } from './loop/step/advance.ts';
export { boundaries, type Boundary } from './loop/owner/boundaries.ts';
export { callModel } from './loop/model/call-model.ts';
export { isLeaseLost } from './loop/owner/cut.ts';
export { decide } from './loop/decide/decide.ts';
export type { Draft } from './loop/owner/draft.ts';
export { driveSession, type DriveParts } from './loop/drive/drive-session.ts';
export type { Drive } from './loop/drive/drive-while-held.ts';
export { enterToContinue, enterToRetry, enterWithMessage, type MessageEntry } from './loop/entry/entries.ts';
export type { Entry } from './loop/entry/entry.ts';
export { findRun } from './loop/entry/find-run.ts';
export { HolderLease } from './loop/lease/holder-lease.ts';
export type { ChunkSink } from './loop/owner/chunk-sink.ts';
export type { LeaseGuard, OwnerLease } from './loop/lease/lease-guard.ts';
export { Owner, type OwnerParts } from './loop/owner/owner.ts';
export { checkAgent, type EntryRequest, type UserMessage } from './loop/entry/plan-entry.ts';
export { recover, type RecoveryOptions } from './loop/drive/recover.ts';
export { SessionHost, type DriveStart, type HostParts } from './loop/drive/session-host.ts';
export { settle } from './loop/step/settle.ts';
export type { Cause, Decision, Fact } from './loop/decide/decision.ts';
export type { AgentPolicy } from './agent/agent-policy.ts';

export { refuseUnknown, type Members } from './refuse-unknown.ts';
export { charactersOf } from './stream/chunk-size.ts';
export type { Filled } from './values/filled.ts';
export { freezeDeep } from './values/freeze-deep.ts';
export { maxNesting } from './values/nesting.ts';
export { atMost } from './ports/at-most.ts';
export { KeyedSignals } from './ports/keyed-signals.ts';
export { patiently } from './ports/patiently.ts';
export { defaultLimits, maxPageCharacters, takeoverGraceMs, type Limits } from './ports/limits.ts';
export type { Clock, Ids, Instrumentation, Logger, Random, RuntimePorts, Span } from './ports/ports.ts';
export { sleepOver } from './ports/sleep-over.ts';
export { resolvePorts, type PortOptions } from './ports/default-ports.ts';
export { uuidIds } from './ports/uuid-ids.ts';

export {
  isFinal,
  type CallChange,
  type CallGate,
  type CallKind,
  type CallRecord,
  type CallState,
  type ReplayPolicy,
  type StoredCallChange,
} from './session/call.ts';
export { outcomeOf } from './session/outcome-of.ts';
export {
  isBoundary,
  type CommitOutcome,
  type CommitRecord,
  type Fence,
  type HeadPatch,
  type HeadRow,
  type SessionCommit,
  type SessionCreate,
  type StepChange,
} from './session/commit.ts';
export { checkCommit } from './session/check-commit.ts';
export { headRowOf, refusalOf } from './session/fence.ts';
export { fold, foldCalls, foldInbox } from './session/fold.ts';
export { deliveryKey, type DeliveryKey } from './session/delivery-key.ts';
export { judgeClaim, type ClaimRequest } from './session/judge-claim.ts';
export {
  pageOf,
  readPageRequest,
  type PagePlace,
  type SessionPage,
  type SessionPageRequest,
  type SessionSummary,
} from './session/session-page.ts';
export { checkId, checkUserId } from './session/ids.ts';
export { checkStreamId, streamIdOf } from './session/stream-id.ts';
export { supersededRun } from './session/superseded-run.ts';
export type { InboxEntry, InboxItem, StopKind } from './session/inbox.ts';
export type {
  FilePart,
  MessagePart,
  MessageRecord,
  MessageRole,
  NewMessage,
  NotExecutedReason,
  ProviderMetadata,
  ReasoningPart,
  SourcePart,
  TextPart,
  ToolCallPart,
  ToolOutcome,
  ToolResultPart,
} from './session/message.ts';
export type { OutboxEntry, OutboxItem } from './session/outbox.ts';
export {
  isLive,
  type CompletionReason,
  type RunChange,
  type RunEnd,
  type RunEntry,
  type RunOutcome,
  type RunPhase,
  type RunRecord,
  type RunStart,
  type UnusualStop,
} from './session/run.ts';
export type { ModelMode, OpenStep, SessionIdentity, SessionSnapshot, StepVerdict } from './session/snapshot.ts';
export { nextEntry, type NextEntry } from './session/next-entry.ts';
export { statusOf, type RunStatus } from './session/status.ts';
export { upcast } from './session/upcast.ts';
export { noUsage, type TokenUsage, type UsageEntry, type UsageRollup } from './session/usage.ts';
export { wakeAtOf } from './session/wake-at.ts';
export type {
  ChildChange,
  ChildRecord,
  ChildResult,
  WaitAnswer,
  WaitChange,
  WaitKind,
  WaitRecord,
} from './session/wait.ts';

export { type ReducersOf, type StateReducer, type StateReducers } from './state/merge-writes.ts';
export { ImmerStateTracker } from './state/state-tracker.ts';
export { applyPatch, type PatchOperation } from './state/patch.ts';
export type { ChunkBase, ChunkBody, ChunkType, StreamChunk } from './session/chunk.ts';
export { createChunkWriter, type ChunkWriter, type ChunkWriterOptions } from './stream/chunk-writer.ts';
export { followSession, type FollowSessionOptions } from './stream/follow-session.ts';
export { runTerminal } from './stream/run-terminal.ts';
export { WakeUp } from './stream/wake-up.ts';
export {
  classifyStreamTerminal,
  decodeStreamFrame,
  encodeStreamFrame,
  streamFrameToSSE,
  type EncodedFrame,
  type StreamFrame,
  type StreamTerminal,
} from './stream/stream-frame.ts';
