import type { Boundary } from '@helix-agents/sdk';

/** Ends this process by SIGKILL, as a power cut would, once so many steps are durable. `farewell` says what to do next. */
export function crashAfter(steps: number, farewell: () => void): (boundary: Boundary) => void {
  let durable = 0;
  return (boundary) => {
    if (boundary === 'results-commit:after') durable += 1;
    if (durable < steps) return;
    farewell();
    process.kill(process.pid, 'SIGKILL');
  };
}
