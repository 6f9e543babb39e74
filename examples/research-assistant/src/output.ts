/** Where the program writes. */
export interface Output {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Aborts when standard output takes no more, with the reason; what is written afterwards goes nowhere. */
  readonly closed: AbortSignal;
}

/** Somebody who stops reading, as `head` does, or a full disk ends what is written, not the program. */
export function openOutput(stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream): Output {
  const closed = new AbortController();
  return {
    out: writerTo(stdout, (error) => closed.abort(error)),
    err: writerTo(stderr, () => {}),
    closed: closed.signal,
  };
}

/** Whether nobody reads any more, which is no fault. */
export function isUnread({ aborted, reason }: AbortSignal): boolean {
  return aborted && (reason as NodeJS.ErrnoException).code === 'EPIPE';
}

function writerTo(stream: NodeJS.WritableStream, onBroken: (error: unknown) => void): (text: string) => void {
  let broken = false;
  const give = (error: unknown) => {
    if (broken) return;
    broken = true;
    onBroken(error);
  };
  stream.on('error', give);
  return (text) => {
    if (broken) return;
    try {
      stream.write(text);
    } catch (error) {
      give(error);
    }
  };
}
