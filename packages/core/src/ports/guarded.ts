import type { Instrumentation, Logger, Span } from './ports.ts';
import { noSpan } from './spans.ts';

/** A logger that throws, or rejects, has nobody to tell, and what it was told of goes on. */
export function guardedLogger(logger: Logger): Logger {
  return {
    log: (level, message, fields) => {
      try {
        const said: unknown = logger.log(level, message, fields);
        if (said instanceof Promise) said.catch(() => {});
      } catch {
        // Said above.
      }
    },
  };
}

/** Spans that cannot be written harm no run: a failure is logged, and the work has no span. */
export function guardedInstrumentation(given: Instrumentation, logger: Logger): Instrumentation {
  const attempt = <T>(work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      logger.log('warn', 'the instrumentation failed', { error });
      return undefined;
    }
  };
  return {
    startSpan: (name, attributes) => {
      const span = attempt(() => given.startSpan(name, attributes));
      return span ? guardedSpan(span, attempt) : noSpan;
    },
  };
}

function guardedSpan(span: Span, attempt: (work: () => unknown) => unknown): Span {
  return {
    set: (attributes) => void attempt(() => span.set(attributes)),
    end: (error) => void attempt(() => span.end(error)),
    ...(span.within && { within: (work) => withinGiven(span, attempt, work) }),
  };
}

/** Whatever the instrumentation makes of it, the work is done once, and its own promise is the answer. */
function withinGiven<T>(span: Span, attempt: (work: () => unknown) => unknown, work: () => Promise<T>): Promise<T> {
  let done: Promise<T> | undefined;
  const once = () => (done ??= new Promise((resolve) => resolve(work())));
  const given = attempt(() => span.within?.(once));
  if (given instanceof Promise) given.catch(() => {});
  return once();
}
