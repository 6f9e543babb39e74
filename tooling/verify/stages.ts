/** What has to hold before a change may land, in the order in which a mistake is cheapest to hear of. */
export interface Stage {
  name: string;
  /** Run one after the other; the first that fails ends the stage. */
  commands: readonly (readonly [program: string, ...args: string[]])[];
  /** Shows its output as it comes, because it is long. */
  live?: true;
}

const script = (name: string, ...args: string[]) => ['npm', 'run', '--silent', name, ...args] as const;

export const stages: readonly Stage[] = [
  { name: 'format', commands: [['oxfmt', '--check', '.']] },
  { name: 'lint', commands: [script('lint')] },
  { name: 'lockfile', commands: [['node', 'tooling/lockfile/complete.ts', '--check']] },
  { name: 'boundaries', commands: [['node', 'tooling/boundaries/check.ts']] },
  { name: 'build', commands: [script('clean'), script('build')] },
  { name: 'types', commands: [script('typecheck')] },
  { name: 'unused', commands: [['knip']] },
  { name: 'platforms', commands: [['node', 'tooling/platforms/check.ts']] },
  { name: 'packages', commands: [['node', 'tooling/packages/check.ts']] },
  { name: 'docs', commands: [script('docs:check')] },
  { name: 'simulation', commands: [script('simulate', '--', '--seeds', '20000')] },
  { name: 'tests', commands: [['npm', 'test']], live: true },
];
