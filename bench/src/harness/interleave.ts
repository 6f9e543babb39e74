/** What one round of a side cost: milliseconds, or any other unit that all sides share. */
export type Side = () => Promise<number>;

export type Rounds<Name extends string> = Readonly<Record<Name, readonly number[]>>;

/**
 * Runs sides in turns, A B A B ..., so that whatever else the machine does meanwhile falls on each of them. Warm-up rounds are run
 * and forgotten.
 */
export async function interleave<Name extends string>(
  sides: Readonly<Record<Name, Side>>,
  { reps, warmUps = 1 }: { readonly reps: number; readonly warmUps?: number },
): Promise<Rounds<Name>> {
  const names = Object.keys(sides) as Name[];
  const rounds = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let rep = -warmUps; rep < reps; rep += 1) {
    for (const name of names) {
      const cost = await sides[name]();
      if (rep >= 0) rounds[name].push(cost);
    }
  }
  return rounds;
}

/**
 * How many rounds of so many steps it takes until a process is what a worker is most of its life: its code compiled, on every side.
 * Some 4,000 steps do.
 */
export function warmUpsOf(stepsInRound: number): number {
  return Math.ceil(4_000 / stepsInRound);
}

/**
 * Sessions of a round, one after the other, as a worker runs them. With few of them, each side pays for what the other left in the
 * caches of the machine: the fewer instructions a side has, the dearer that is for it.
 */
export const sessionsInARow = 10;

/** Milliseconds that some work takes so many times, one after the other. */
export function timedInARow(times: number, work: () => Promise<unknown>): Promise<number> {
  return timed(async () => {
    for (let time = 0; time < times; time += 1) await work();
  });
}

/** Milliseconds that some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const before = performance.now();
  await work();
  return performance.now() - before;
}
