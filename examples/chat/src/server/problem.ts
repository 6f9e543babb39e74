/** Something that the person who starts the program can mend: what it is, and one next step. */
export class Problem extends Error {
  readonly nextStep: string;

  constructor(message: string, nextStep: string) {
    super(message);
    this.name = 'Problem';
    this.nextStep = nextStep;
  }
}
