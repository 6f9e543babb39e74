import { resolvePorts, SessionHost, type RuntimePorts, type SessionSnapshot } from '@helix-agents/core';
import type { InMemoryStreamManager } from '@helix-agents/store-memory';
import type { Chance } from '@helix-agents/core/testing';
import type { Hold } from './judges/effect-rules.ts';
import type { Stories } from './judges/stories.ts';
import type { Plan } from './plan.ts';
import { makeAgent, type AgentParts } from './processes/make-agent.ts';
import type { HostClass, OwnerProcess, Surroundings } from './processes/owner-process.ts';
import { ScriptedModel } from './processes/scripted-model.ts';
import type { Sabotage } from './sabotage.ts';
import type { Scheduler } from './scheduler.ts';
import type { Locks } from './stores/locks.ts';
import type { Network } from './stores/network.ts';
import { RemoteStore } from './stores/remote-store.ts';
import { RemoteStreams } from './stores/remote-streams.ts';
import type { WitnessedStore } from './stores/witnessed-store.ts';

/** As the margin, the grace of a stop is longer than what a body asks for is on its way. */
const limits = { backoffMs: 100, maxBackoffMs: 2_000, stopGraceMs: 5_000 };

export interface SurroundingParts {
  readonly chance: Chance;
  readonly plan: Plan;
  readonly scheduler: Scheduler;
  readonly network: Network;
  readonly store: WitnessedStore;
  readonly locks: Locks;
  readonly streams: InMemoryStreamManager;
  readonly stories: Stories;
  readonly sabotage: Sabotage;
  readonly say: (line: () => string) => void;
  readonly fails: Surroundings['fails'];
  readonly doze: (process: OwnerProcess) => void;
}

/** What the processes of a world find around them. */
export class WorldSurroundings implements Surroundings {
  readonly scheduler: Scheduler;
  readonly plan: Plan;
  readonly fails: Surroundings['fails'];
  readonly #of: SurroundingParts;
  #ids = 0;

  constructor(of: SurroundingParts) {
    this.#of = of;
    this.scheduler = of.scheduler;
    this.plan = of.plan;
    this.fails = of.fails;
  }

  get Host(): HostClass {
    return this.#of.sabotage.host ?? SessionHost;
  }

  ports(process: OwnerProcess): RuntimePorts {
    const { sabotage, chance } = this.#of;
    const { leaseMarginMs } = sabotage;
    return {
      ...resolvePorts({
        clock: process.clock,
        random: chance,
        limits: { ...limits, ...(leaseMarginMs !== undefined && { leaseMarginMs }) },
      }),
      ids: { next: (prefix) => `${prefix}_${(this.#ids += 1)}` },
    };
  }

  storeOf(process: OwnerProcess): RemoteStore {
    const { store, network, locks } = this.#of;
    return new RemoteStore(store, network, process, locks);
  }

  streamsOf(process: OwnerProcess): RemoteStreams {
    const outOfReach = (streamId: string) => this.#of.stories.streamedIn(streamId)?.tears('out of reach');
    return new RemoteStreams(this.#of.streams, this.#of.network, process, outOfReach);
  }

  parts(process: OwnerProcess, hold?: Hold) {
    const { plan, scheduler, stories, chance, doze } = this.#of;
    const story = hold ? stories.of(hold.session.sessionId) : stories.any();
    const performer = { process, hold };
    const parts: AgentParts = {
      plan,
      scheduler,
      performer,
      chance,
      get effects() {
        return (hold ? story.lifeOf(hold.session) : story.life).effects;
      },
      doze: () => doze(process),
    };
    return { agent: makeAgent(parts), llm: new ScriptedModel(parts) };
  }

  decides(process: OwnerProcess, sessionId: string, decision: object): void {
    this.#of.say(() => `  ${process.name} decides for ${sessionId}: ${JSON.stringify(decision)}`);
  }

  cutOff(process: OwnerProcess, ms: number): void {
    this.#of.network.cutOff(process, ms);
  }

  letGo(session: SessionSnapshot): void {
    this.#of.stories.of(session.sessionId).lifeOf(session).effects.letGo(session);
  }

  tears(session: SessionSnapshot, stream: 'short' | 'out of reach'): void {
    this.#of.stories.of(session.sessionId).tears(stream, session);
  }
}
