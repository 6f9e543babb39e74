import type { Figure, Target } from './benchmark.ts';

export type Figures = Readonly<Record<string, readonly Figure[]>>;

/** How much worse than the baseline a ratio may be. */
const tolerance = 0.1;

/** What is wrong with figures, a line each: targets that are missed, and ratios that got worse than the baseline. */
export function findRegressions(now: Figures, baseline: Figures): string[] {
  return Object.entries(now).flatMap(([benchmark, figures]) => {
    const before = new Map((baseline[benchmark] ?? []).map((figure) => [figure.name, figure]));
    return figures.flatMap((figure) =>
      [missed(figure), worse(figure, before.get(figure.name))].flatMap((problem) =>
        problem === null ? [] : [`${benchmark}: ${figure.name}: ${problem}`],
      ),
    );
  });
}

/** Whether a median keeps its target; undefined where there is none. */
export function meetsTarget({ median, target }: Figure): boolean | undefined {
  if (!target) return undefined;
  return 'atMost' in target ? median <= target.atMost : median >= target.atLeast;
}

export function targetText(target: Target): string {
  return 'atMost' in target ? `≤ ${target.atMost}` : `≥ ${target.atLeast}`;
}

function missed(figure: Figure): string | null {
  if (!figure.target || meetsTarget(figure)) return null;
  return `${figure.median.toFixed(3)} misses the target ${targetText(figure.target)}`;
}

/** Only ratios mean the same on another machine, or on this one on another day. */
function worse({ median, target, unit }: Figure, before: Figure | undefined): string | null {
  if (!before || !target || unit !== 'times') return null;
  const change = 'atMost' in target ? median / before.median - 1 : before.median / median - 1;
  if (change <= tolerance) return null;
  return `${median.toFixed(3)} is ${Math.round(change * 100)} % worse than the baseline's ${before.median.toFixed(3)}`;
}
