import type { Rule } from './rules.ts';

/** A rule that a world broke. */
export interface Violation {
  readonly rule: Rule;
  readonly message: string;
}

/** Remembers the first rule that was broken: what follows a broken rule says little. */
export class Judge {
  violation: Violation | null = null;

  expect(rule: Rule, holds: boolean, message: string | (() => string)): void {
    if (!holds) this.violation ??= { rule, message: typeof message === 'string' ? message : message() };
  }
}
