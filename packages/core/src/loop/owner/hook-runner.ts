import type { Agent } from '../../agent/agent.ts';
import type { AgentHooks, HookContext } from '../../agent/hooks.ts';
import { HelixError } from '../../errors/helix-error.ts';
import { messageOf } from '../../errors/message-of.ts';
import { atMost } from '../../ports/at-most.ts';
import type { RuntimePorts } from '../../ports/ports.ts';
import type { ChunkBody } from '../../session/chunk.ts';
import type { SessionSnapshot } from '../../session/snapshot.ts';
import { streamIdOf } from '../../session/stream-id.ts';
import { applyPatch, type PatchOperation } from '../../state/patch.ts';
import { ImmerStateTracker } from '../../state/state-tracker.ts';
import { freezeDeep } from '../../values/freeze-deep.ts';
import type { Json } from '../../values/json.ts';
import { givenData } from './given-data.ts';
import type { OwnerStream } from './owner-stream.ts';
import { stateIssues } from './state-issues.ts';

type HookName = keyof AgentHooks;
type Hook = (payload: object, context: HookContext) => unknown;
type Payload<Name extends HookName> = Parameters<NonNullable<AgentHooks[Name]>>[0];

/** A state as hooks change it on the way to a commit. */
export class HookedState {
  readonly operations: PatchOperation[] = [];
  value: Json;

  constructor(value: Json) {
    this.value = value;
  }

  add(operations: readonly PatchOperation[]): void {
    if (operations.length === 0) return;
    this.operations.push(...operations);
    this.value = applyPatch(this.value, operations);
  }
}

/** Of a payload, what is not the record's: the model's own objects, and the live transcript. */
const foreign = new Set(['messages', 'tools', 'result']);

/** What is, or becomes, a record is not a hook's to change. */
function protect(payload: object): void {
  for (const [name, member] of Object.entries(payload)) if (!foreign.has(name)) freezeDeep(member);
}

/** What hooks see of the owner that calls them. */
export interface HookHost {
  readonly session: SessionSnapshot;
  readonly signal: AbortSignal;
  readonly stream: Pick<OwnerStream, 'write'>;
  readonly parts: { readonly agent: Agent; readonly ports: Pick<RuntimePorts, 'clock' | 'logger' | 'limits'> };
  awaitUserCode<T>(work: Promise<T>, what: string): Promise<T>;
}

/** Calls the hooks of an agent; an agent without hooks pays a property read. */
export class HookRunner {
  /** Whether the agent has any hook at all. */
  readonly any: boolean;
  readonly #owner: HookHost;

  constructor(owner: HookHost) {
    this.#owner = owner;
    this.any = Object.keys(owner.parts.agent.hooks).length > 0;
  }

  /**
   * Calls a hook over a state, which takes up what it changes. A stop does not wait long for one that does not listen. `say` takes
   * what it adds to the stream. Default: it goes there at once.
   *
   * @throws HelixError `framework_hook_failed`, or `framework_cancelled` where a stop left it behind
   */
  call<Name extends HookName>(
    name: Name,
    payload: Payload<Name>,
    state: HookedState,
    say = this.#sayAtOnce,
  ): Promise<void> | undefined {
    const hook = this.#owner.parts.agent.hooks[name] as Hook | undefined;
    return hook && this.#callUnlessStopped(name, hook, payload, state, say);
  }

  readonly #sayAtOnce = (body: ChunkBody): void => this.#owner.stream.write(body);

  async #callUnlessStopped(
    name: HookName,
    hook: Hook,
    payload: object,
    state: HookedState,
    say: (body: ChunkBody) => void,
  ): Promise<void> {
    const running = this.#run(name, hook, payload, state.value, say);
    state.add(await this.#owner.awaitUserCode(running, `hook ${name}`));
  }

  async #run(
    name: HookName,
    hook: Hook,
    payload: object,
    state: Json,
    say = this.#sayAtOnce,
  ): Promise<readonly PatchOperation[]> {
    const tracker = new ImmerStateTracker<unknown>(state);
    try {
      protect(payload);
      await hook(payload, this.#context(tracker, say));
      if (tracker.getPatches().length > 0) await this.#mustFit(state, tracker);
    } catch (cause) {
      throw new HelixError('framework_hook_failed', `hook ${name}: ${messageOf(cause)}`, { cause });
    }
    return tracker.getPatches();
  }

  async #mustFit(before: Json, tracker: ImmerStateTracker): Promise<void> {
    const issues = await stateIssues(this.#owner.parts.agent, before, tracker.getState());
    if (issues.length > 0)
      throw new TypeError(`it wrote what the stateSchema of the agent does not allow: ${issues.join('; ')}`);
  }

  /**
   * Calls a hook whose event is over: a failure is logged, and so is a change of state, which is too late. The result of the run does
   * not wait for it longer than a stop would.
   */
  async tell<Name extends HookName>(name: Name, payload: Payload<Name>): Promise<void> {
    const { agent, ports } = this.#owner.parts;
    const { session } = this.#owner;
    const hook = agent.hooks[name] as Hook | undefined;
    if (!hook) return;
    const log = (level: 'warn' | 'error', what: string, error?: unknown) =>
      ports.logger.log(level, `hook ${name} ${what}`, { sessionId: session.sessionId, error });
    const told = this.#run(name, hook, payload, session.state).then(
      (changes) =>
        changes.length > 0 && log('warn', 'changed the state after the end of the run: the change is not stored'),
      (error: unknown) => log('error', 'failed after the end of the run', error),
    );
    const inTime = await atMost(ports.clock, ports.limits.stopGraceMs, told);
    if (!inTime) log('warn', 'still runs after the end of the run; nobody waits for it any more');
  }

  #context(tracker: ImmerStateTracker, say: (body: ChunkBody) => void): HookContext {
    const owner = this.#owner;
    const { sessionId, identity, agentType, run } = owner.session;
    return {
      ...identity,
      sessionId,
      runId: run?.runId ?? '',
      streamId: streamIdOf(owner.session),
      agentType,
      stepCount: run?.stepCount ?? 0,
      abortSignal: owner.signal,
      getState: () => tracker.getState(),
      updateState: (change) => void tracker.update(change),
      emitCustom: (eventName, data) => {
        const given = givenData(`the event ${eventName} has`, data, owner.parts.ports.limits.maxResultBytes);
        say({ type: 'custom', eventName, data: given });
      },
    };
  }
}
