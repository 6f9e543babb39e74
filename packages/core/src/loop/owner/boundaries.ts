/**
 * The moments between which a crash can fall, by name: each has a test that kills the process there. Names of commits say what
 * the commit writes.
 */
export const boundaries = [
  'entry-commit:before',
  'entry-commit:after',
  'model-call:before',
  'model-call:first-delta',
  'model-call:after',
  'reply-commit:before',
  'reply-commit:after',
  'tool-body:before',
  'tool-body:after',
  'early-settle:before',
  'early-settle:after',
  'verify:before',
  'verify:after',
  'results-commit:before',
  'results-commit:after',
  'failure-commit:before',
  'failure-commit:after',
  'claim-commit:before',
  'claim-commit:after',
  'end-commit:before',
  'end-commit:after',
] as const;

/** The name of one of the {@link boundaries}. */
export type Boundary = (typeof boundaries)[number];

/** What a commit is for, as its boundaries name it. The end of a run outweighs what it carries along. */
export type CommitPurpose = Boundary extends infer Name
  ? Name extends `${infer Purpose}-commit:before`
    ? Purpose
    : never
  : never;
