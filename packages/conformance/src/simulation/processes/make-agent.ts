import {
  HelixError,
  type Agent,
  type Schema,
  type Tool,
  type ToolContext,
  type Verification,
} from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import type { EffectRules, Performer } from '../judges/effect-rules.ts';
import type { Plan } from '../plan.ts';
import type { Scheduler } from '../scheduler.ts';
import { shapeOf, type ToolShape } from './tool-shapes.ts';

/** The custom state of every simulated agent: whose writes arrived, and how many. */
export interface Tally {
  readonly log: string[];
  sum: number;
}

export interface AgentParts {
  readonly plan: Plan;
  readonly chance: Chance;
  readonly scheduler: Scheduler;
  /** The rules for what is done now: the session may be deleted, and made anew, while it is worked on. */
  readonly effects: EffectRules;
  readonly performer: Performer;
  /** The process falls asleep. */
  readonly doze: () => void;
}

/** The agent of a world, with bodies that act for one owner. */
export function makeAgent(parts: AgentParts): Agent {
  const { plan } = parts;
  const tools = plan.tools.flatMap((name) => shapeOf(name) ?? []).map((shape) => makeTool(parts, shape));
  return {
    name: 'tester',
    description: '',
    systemPrompt: 'Test.',
    stateSchema: schemaOf((value) => ({ log: [], sum: 0, ...(value as object) })),
    reducers: { log: 'append', sum: 'sum' },
    outputSchema: plan.policy.owesOutput ? outputSchema : null,
    outputJsonSchema: plan.policy.owesOutput ? { type: 'object' } : null,
    tools: new Map(tools.map((tool) => [tool.name, tool])),
    llmConfig: { maxRetries: plan.maxRetries },
    hooks: {
      ...(plan.hookFails > 0 && { afterTool: () => failSometimes(parts), onStepStart: () => failSometimes(parts) }),
      ...(plan.drowsy && { beforeTool: () => dozeSometimes(parts) }),
    },
    policy: plan.policy,
    ...(plan.stopsEarly && { stopWhen: ({ stepCount }) => stepCount >= 2 }),
  };
}

const outputSchema = schemaOf((value) => (hasText(value, 'answer') ? value : undefined));

/** `undefined` stands for a value that does not fit. With parts, a check may take its time. */
function schemaOf(read: (value: unknown) => unknown, parts?: AgentParts): Schema {
  const judge = (given: unknown) => {
    const value = read(given);
    return value === undefined ? { issues: [{ message: 'does not fit' }] } : { value };
  };
  const validate = (given: unknown) =>
    parts?.chance.happens(parts.plan.slowChecks)
      ? spend(parts, 'input checked').then(() => judge(given))
      : judge(given);
  return { '~standard': { version: 1, vendor: 'simulation', validate } };
}

function hasText(value: unknown, field: string): boolean {
  return typeof value === 'object' && value !== null && typeof (value as Record<string, unknown>)[field] === 'string';
}

function failSometimes({ chance, plan }: AgentParts): void {
  if (chance.happens(plan.hookFails)) throw new Error('a hook failed');
}

/** Between the commit that sends a call and its body. */
function dozeSometimes(parts: AgentParts): Promise<void> | undefined {
  if (!parts.chance.happens(0.3)) return undefined;
  parts.doze();
  return new Promise((resolve) => parts.scheduler.add(parts.performer.process, 'wakes before a body', resolve));
}

function makeTool(parts: AgentParts, shape: ToolShape): Tool {
  const { name, sequential = false, finishWith = false } = shape;
  const { performer, chance, plan } = parts;
  return {
    name,
    description: name,
    inputSchema: schemaOf((value) => (hasText(value, 'for') ? value : undefined), parts),
    inputJsonSchema: { type: 'object' },
    outputSchema: null,
    strict: false,
    finishWith,
    sequential,
    replay:
      shape.replay === 'verify'
        ? {
            verify: ({ toolCallId, dispatchId }) => {
              parts.effects.verifyStarts(performer, toolCallId);
              return verify(parts, dispatchId);
            },
          }
        : shape.replay,
    execute: async (_, context) => {
      const { effects } = parts;
      const effectMs = chance.below(plan.effectMs + 1);
      effects.bodyStarts(performer, shape, context, effectMs);
      return perform(parts, shape, context, effectMs).finally(() => effects.bodyEnds(context.toolCallId));
    },
  };
}

async function perform(parts: AgentParts, shape: ToolShape, context: ToolContext, effectMs: number): Promise<unknown> {
  const { chance, plan, effects, performer } = parts;
  if (effectMs > 0) await performer.process.clock.work(effectMs);
  else await spend(parts, `body ${context.toolCallId}`, context.abortSignal);
  if (chance.happens(plan.bodyFails)) throw new HelixError('tool_failed', 'the body failed');
  if (shape.writes) {
    context.updateState<Tally>((tally) => {
      tally.log.push(context.toolCallId);
      tally.sum += 1;
    });
  }
  if (chance.happens(0.2)) context.emit('progress', { call: context.toolCallId });
  effects.happened(context.dispatchId);
  await spend(parts, `body ${context.toolCallId} returns`, context.abortSignal);
  if (performer.process.state === 'dead') throw new Error('a dead process goes on');
  return shape.finishWith ? { answer: context.toolCallId } : { by: context.toolCallId };
}

/** What the outside world says: it knows, unless it cannot tell. */
async function verify(parts: AgentParts, dispatchId: string): Promise<Verification> {
  await spend(parts, `verify ${dispatchId}`);
  if (parts.chance.happens(0.2)) return { status: 'unknown' };
  return parts.effects.hasHappened(dispatchId)
    ? { status: 'settled', result: { by: dispatchId } }
    : { status: 'not-done' };
}

/** Lets time pass: an event, some milliseconds, or more than a lease lasts. Half of those who sleep listen to a stop. */
export async function spend(parts: AgentParts, label: string, abortSignal?: AbortSignal): Promise<void> {
  const { chance, plan, scheduler, performer } = parts;
  if (!chance.happens(plan.lingers))
    return new Promise<void>((resolve) => scheduler.add(performer.process, label, resolve));
  const sleepMs = chance.happens(0.7) ? chance.between(5, 200) : chance.between(5_000, 90_000);
  await performer.process.clock.work(sleepMs, chance.happens(0.5) ? abortSignal : undefined);
}
