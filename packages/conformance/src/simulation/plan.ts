import { takeoverGraceMs, type AgentPolicy } from '@helix-agents/core';
import type { Chance } from '@helix-agents/core/testing';
import { asks, faultKinds, type FaultKind } from './faults.ts';
import { toolShapes, type ToolName } from './processes/tool-shapes.ts';
import type { NetworkWeather } from './stores/network.ts';

/** Everything about one world that is settled before it begins. */
export interface Plan {
  /** Sessions, which share processes and their leases. */
  readonly sessions: 1 | 2;
  /** Processes take up what is due; else only what somebody asks for. */
  readonly recovers: boolean;
  /** Who asks for something asks the same process most of the time, several things at once, and answers take their time. */
  readonly crowded: boolean;
  /** An operator whom a run waits for resumes it, and answers nothing. */
  readonly operatorResumes: boolean;
  /** Nothing goes wrong, but that connections end which can be made anew. */
  readonly calm: boolean;
  readonly policy: AgentPolicy;
  readonly tools: readonly ToolName[];
  /** Model calls that ask for tools, before the model comes to its end. */
  readonly toolSteps: number;
  readonly maxCalls: number;
  readonly maxDeltas: number;
  readonly maxRetries: number;
  /** How often a model call fails, and a tool's body. */
  readonly modelFails: number;
  readonly bodyFails: number;
  /** How often a body or a model call takes its time, up to more than a lease lasts. */
  readonly lingers: number;
  /** Processes sleep for about as long as a lease lasts, and wake before their network does. */
  readonly drowsy: boolean;
  /** How long what a body asks of the outside world may be on its way; less than the margin, which is there for it. */
  readonly effectMs: number;
  /** What the store adds to a lease before another may take it. Where it is 0, all clocks agree. */
  readonly takeoverGraceMs: number;
  /** Who dies, or loses its connection for too long, is known to be dead; else, the clock of the store decides alone. */
  readonly proves: boolean;
  readonly hookFails: number;
  /** How often the check of an input is not over at once. */
  readonly slowChecks: number;
  readonly stopsEarly: boolean;
  /** Milliseconds until a wait that the model opens runs out; null for never. */
  readonly waitMs: number | null;
  /** How often a process asks for what is due where no signal comes. */
  readonly pollMs: number;
  readonly weather: NetworkWeather;
  /** Chance of each fault, or of an outsider's act, before each event. */
  readonly rates: readonly (readonly [FaultKind, number])[];
  /** Events until the faults cease. */
  readonly events: number;
}

/** Each world has some kinds of trouble and not others: rare pairs meet more often where little else happens. */
export function makePlan(chance: Chance): Plan {
  const rough = chance.happens(0.85);
  const some = (most: number) => (rough && chance.happens(0.4) ? chance.fraction() * most : 0);
  const acts = faultKinds.slice(faultKinds.indexOf('crash'));
  const drowsy = chance.happens(0.25);
  const crowded = rough && !drowsy && chance.happens(0.25);
  const clocksAgree = drowsy && chance.happens(0.5);
  const isCalm = !rough && !drowsy;
  const rateOf = (kind: FaultKind): number => {
    if (crowded && asks.includes(kind)) return 0.05;
    if (isCalm && kind === 'doubt') return 0.03;
    return some(kind === 'delete' ? 0.02 : 0.06);
  };
  const rates = acts
    .filter((kind) => kind !== 'store-clock-jump' || !clocksAgree)
    .map((kind) => [kind, rateOf(kind)] as const)
    .filter(([, rate]) => rate > 0);
  // What begins a session lands once more after it was deleted: no network does that whose answer was heard.
  const repeats = !rates.some(([kind]) => kind === 'delete');
  return {
    sessions: !drowsy && chance.happens(0.2) ? 2 : 1,
    recovers: drowsy || chance.happens(0.75),
    crowded,
    operatorResumes: chance.happens(0.5),
    calm: isCalm,
    policy: makePolicy(chance),
    tools: toolShapes.map(({ name }) => name).filter(() => chance.happens(0.5)),
    drowsy,
    effectMs: drowsy ? 4_500 : 0,
    takeoverGraceMs: clocksAgree ? 0 : takeoverGraceMs,
    proves: !drowsy && chance.happens(0.5),
    toolSteps: chance.below(4),
    maxCalls: chance.between(1, 4),
    maxDeltas: chance.below(4),
    maxRetries: chance.below(3),
    modelFails: chance.happens(0.3) ? 0.3 : 0,
    bodyFails: chance.happens(0.3) ? 0.3 : 0,
    lingers: chance.happens(0.35) ? 0.4 : 0,
    hookFails: chance.happens(0.05) ? 0.1 : 0,
    slowChecks: chance.happens(0.2) ? 0.5 : 0,
    stopsEarly: chance.happens(0.1),
    waitMs: chance.happens(0.5) ? chance.between(1, 60_000) : null,
    pollMs: drowsy || chance.happens(0.2) ? 2_000 : 15_000,
    weather: {
      lostRequest: some(0.1),
      lostReply: some(0.1),
      repeated: repeats ? some(0.2) : 0,
      lostSignal: some(0.5),
      streamLost: some(0.1),
      prompt: crowded ? 0.2 : 0.6,
    },
    rates,
    events: chance.between(10, 120),
  };
}

function makePolicy(chance: Chance): AgentPolicy {
  return {
    maxSteps: chance.happens(0.3) ? chance.between(1, 3) : 8,
    owesOutput: chance.happens(0.35),
    sequential: chance.happens(0.2),
    maxMisses: chance.between(1, 3),
    maxTakeovers: chance.happens(0.3) ? chance.between(1, 2) : 5,
    tokenBudget: chance.happens(0.15) ? chance.between(1, 60) : null,
    compactAboveTokens: chance.happens(0.25) ? chance.between(5, 25) : null,
  };
}
