import type {
  CallGate,
  CallKind,
  CallState,
  ChildChange,
  ChildResult,
  CompletionReason,
  InboxItem,
  MessagePart,
  MessageRole,
  ModelMode,
  NotExecutedReason,
  OutboxItem,
  ReplayPolicy,
  RunChange,
  RunEntry,
  RunOutcome,
  StepVerdict,
  StopKind,
  ToolOutcome,
  UsageEntry,
  WaitAnswer,
  WaitChange,
  WaitKind,
} from '@helix-agents/core';

/** Every member of these unions, or the compiler complains. */
function all<Member extends string>(members: Record<Member, true>): string[] {
  return Object.keys(members);
}

/**
 * What a record may say, by the path of the places where it stands in a commit, inbox entry or snapshot: each value must be in
 * some fixture. `*` is any member.
 */
export const recordKinds: Readonly<Record<string, readonly string[]>> = {
  'commit.run.op': all<RunChange['op']>({ start: true, claim: true, park: true, end: true }),
  'commit.run.entry': all<RunEntry>({ execute: true, resume: true, retry: true, answer: true }),
  'commit.run.**.outcome': all<RunOutcome>({ completed: true, failed: true, interrupted: true, aborted: true }),
  'commit.run.**.reason': all<CompletionReason>({
    reply: true,
    stop_when: true,
    max_steps: true,
    finish: true,
    error: true,
    stop: true,
    superseded: true,
  }),
  'commit.head.step.mode': all<ModelMode>({ normal: true, 'final-step': true, forced: true, compact: true }),
  'commit.head.step.verdict.is': all<StepVerdict['is']>({
    broken: true,
    continue: true,
    done: true,
    'needs-output': true,
  }),
  'commit.head.step.calls.*.kind': all<CallKind>({ tool: true, finish: true, client: true, child: true }),
  'commit.head.step.calls.*.gate.at': all<CallGate['at']>({ open: true, closed: true }),
  'commit.head.step.calls.*.replay': all<ReplayPolicy>({ never: true, safe: true, verify: true }),
  'commit.**.state.at': all<CallState['at']>({
    planned: true,
    sent: true,
    settled: true,
    failed: true,
    'not-executed': true,
    unknown: true,
  }),
  'commit.**.reason': all<NotExecutedReason>({
    run_stopped: true,
    client_tool_abandoned: true,
    superseded_by_terminal_call: true,
    denied: true,
  }),
  'commit.messages.*.role': all<MessageRole>({ user: true, assistant: true, tool: true, context: true }),
  'commit.messages.*.parts.*.type': all<MessagePart['type']>({
    text: true,
    reasoning: true,
    file: true,
    'tool-call': true,
    'tool-result': true,
  }),
  'commit.messages.*.parts.*.outcome.type': all<ToolOutcome['type']>({
    result: true,
    error: true,
    'not-executed': true,
    unknown: true,
  }),
  'commit.waits.*.op': all<WaitChange['op']>({ open: true, close: true }),
  'commit.waits.*.how': all<Extract<WaitChange, { op: 'close' }>['how']>({
    answered: true,
    'timed-out': true,
    superseded: true,
  }),
  'commit.waits.*.wait.kind': all<WaitKind>({
    approval: true,
    'client-tool': true,
    child: true,
    timer: true,
    input: true,
    budget: true,
    operator: true,
  }),
  'commit.children.*.op': all<ChildChange['op']>({ add: true, remove: true }),
  'commit.outbox.*.item.kind': all<OutboxItem['kind']>({ 'notify-parent': true, 'stop-child': true }),
  'commit.usage.*.kind': all<UsageEntry['kind']>({ tokens: true, tool: true, custom: true }),
  'inbox.item.kind': all<InboxItem['kind']>({ answer: true, stop: true, message: true }),
  'inbox.item.stop': all<StopKind>({ interrupt: true, abort: true }),
  'inbox.item.answer.kind': all<WaitAnswer['kind']>({
    'approval-response': true,
    'client-tool-result': true,
    'client-tool-error': true,
    'child-outcome': true,
    input: true,
    budget: true,
    continue: true,
  }),
  'inbox.item.answer.result.status': all<ChildResult['status']>({
    failed: true,
    interrupted: true,
    lost: true,
    completed: true,
  }),
};
