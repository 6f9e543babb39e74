import type { Instrumentation, Logger, Span } from './ports.ts';

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

function guardedSpan(span: Span, attempt: (work: () => void) => void): Span {
  return {
    set: (attributes) => attempt(() => span.set(attributes)),
    end: (error) => attempt(() => span.end(error)),
  };
}

/** A span that nobody sees. */
export const noSpan: Span = { set: () => {}, end: () => {} };
