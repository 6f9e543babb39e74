/** Something that the person at the keyboard can mend: one line, with what to do next. */
export class Problem extends Error {
  readonly nextStep: string;
  readonly exitCode: number;

  constructor(message: string, nextStep: string, exitCode = 1) {
    super(message);
    this.name = 'Problem';
    this.nextStep = nextStep;
    this.exitCode = exitCode;
  }
}
