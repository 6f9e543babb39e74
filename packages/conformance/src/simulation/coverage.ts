import { decisionKinds, type DecisionKind } from './decision-kinds.ts';
import { faultKinds, type FaultKind } from './faults.ts';
import { rarePairs } from './rare-pairs.ts';

/** Counts of what was reached. A pair is a fault that fell between a commit and the one before it. */
export interface CoverageCounts {
  readonly decisions: Record<string, number>;
  readonly faults: Record<string, number>;
  readonly pairs: Record<string, number>;
}

/** What worlds went through: decisions, faults, and which met which. */
export class Coverage {
  readonly counts: CoverageCounts = { decisions: {}, faults: {}, pairs: {} };
  #since = new Set<FaultKind>();

  fault(kind: FaultKind): void {
    add(this.counts.faults, kind);
    this.#since.add(kind);
  }

  decided(kinds: readonly DecisionKind[]): void {
    for (const kind of kinds) {
      add(this.counts.decisions, kind);
      for (const fault of this.#since) add(this.counts.pairs, pairOf(kind, fault));
    }
    this.#since.clear();
  }

  merge({ decisions, faults, pairs }: CoverageCounts): void {
    for (const [key, count] of Object.entries(decisions)) add(this.counts.decisions, key, count);
    for (const [key, count] of Object.entries(faults)) add(this.counts.faults, key, count);
    for (const [key, count] of Object.entries(pairs)) add(this.counts.pairs, key, count);
  }

  /** Kinds of either side that were never reached. */
  get missing(): readonly string[] {
    const { decisions, faults } = this.counts;
    return [...decisionKinds.filter((kind) => !decisions[kind]), ...faultKinds.filter((kind) => !faults[kind])];
  }

  get missingPairs(): readonly string[] {
    const all = decisionKinds.flatMap((kind) => faultKinds.map((fault) => pairOf(kind, fault)));
    return all.filter((pair) => !this.counts.pairs[pair]);
  }

  /** What many worlds must reach, and these did not. */
  get lacks(): readonly string[] {
    return [...this.missing, ...this.missingPairs.filter((pair) => !(pair in rarePairs))];
  }

  /** A table: a row for each kind of decision, a column for each kind of fault. */
  toText(): string {
    const { decisions, faults, pairs } = this.counts;
    const letters = faultKinds.map((_, index) => String.fromCodePoint(97 + index));
    const legend = faultKinds.map((fault, index) => `  ${letters[index]}  ${fault}: ${faults[fault] ?? 0}`);
    const rows = decisionKinds.map((kind) => {
      const cells = faultKinds.map((fault) => short(pairs[pairOf(kind, fault)] ?? 0).padStart(5));
      return `${kind.padEnd(22)}${short(decisions[kind] ?? 0).padStart(6)} ${cells.join('')}`;
    });
    const head = `${'decision'.padEnd(22)}${'all'.padStart(6)} ${letters.map((letter) => letter.padStart(5)).join('')}`;
    return ['faults and outside acts', ...legend, '', head, ...rows].join('\n');
  }
}

function pairOf(kind: DecisionKind, fault: FaultKind): string {
  return `${kind} × ${fault}`;
}

function add(counts: Record<string, number>, key: string, count = 1): void {
  counts[key] = (counts[key] ?? 0) + count;
}

function short(count: number): string {
  return count < 10_000 ? String(count) : `${Math.floor(count / 1000)}k`;
}
