/** Waits until something is true, for things that another party does soon; fails after `withinMs`, default 3,000. */
export async function expectEventually(
  what: string,
  isTrue: () => boolean | Promise<boolean>,
  withinMs = 3_000,
): Promise<void> {
  const end = performance.now() + withinMs;
  while (!(await isTrue())) {
    if (performance.now() > end) throw new Error(`still not true after ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
