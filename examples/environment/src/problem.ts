/** What went wrong, for a person and for a program. */
export interface Failure {
  /** Without a full stop at its end. */
  readonly message: string;
  /** What to do about it. */
  readonly nextStep: string;
  /** Stable; that of the library where the error is one of its own. */
  readonly code: string;
  /** A sentence: what is as it was. */
  readonly unharmed: string;
  readonly exitCode: number;
}

/** Something that the person at the keyboard can mend: one line, with what to do next. */
export class Problem extends Error implements Failure {
  readonly code: string;
  readonly nextStep: string;
  readonly exitCode: number;
  readonly unharmed: string;

  constructor(code: string, message: string, nextStep: string, { exitCode = 1, unharmed = 'Nothing was begun.' } = {}) {
    super(message);
    this.name = 'Problem';
    this.code = code;
    this.nextStep = nextStep;
    this.exitCode = exitCode;
    this.unharmed = unharmed;
  }
}

/** What the command line or the environment cannot mean. */
export function misuse(message: string, nextStep: string): Problem {
  return new Problem('input_invalid', message, nextStep, { exitCode: 2 });
}
