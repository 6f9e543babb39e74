/** What a soak found, and how much it did. */
export class SoakReport {
  readonly faults: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.say = say;
  }

  fault(line: string): void {
    this.faults.push(line);
    this.say(`FAULT ${line}`);
  }

  count(what: string, by = 1): void {
    this.counts[what] = (this.counts[what] ?? 0) + by;
  }
}
