import type { Clock } from '../ports/ports.ts';

/** Lets one party sleep until others ring. A ring while it is awake is not lost: the next sleep ends at once. */
export class WakeUp {
  #rung = false;
  #wake: (() => void) | undefined;

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  /** Resolves after a ring, or after `ms`; true for a ring. */
  async sleep(ms: number, clock: Pick<Clock, 'after'>): Promise<boolean> {
    if (!this.#rung) {
      await new Promise<void>((resolve) => {
        const cancel = clock.after(ms, resolve);
        this.#wake = () => {
          cancel();
          resolve();
        };
      });
    }
    this.#wake = undefined;
    const rung = this.#rung;
    this.#rung = false;
    return rung;
  }
}
