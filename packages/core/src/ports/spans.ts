import type { Instrumentation, RuntimePorts, Span } from './ports.ts';

/** A span that nobody sees. */
export const noSpan: Span = { set: () => {}, end: () => {} };

/** Where nobody asked for spans. */
export const noInstrumentation: Instrumentation = { startSpan: () => noSpan };

type Attributes = Parameters<Span['set']>[0];

/** Starts a span. What it says is put together only where somebody sees it: each step has several. */
export function startSpan(
  { instrumentation }: Pick<RuntimePorts, 'instrumentation'>,
  name: string,
  attributes: () => Attributes,
): Span {
  return instrumentation === noInstrumentation ? noSpan : instrumentation.startSpan(name, attributes());
}

/** Says more of a span, likewise. */
export function setSpan(span: Span, attributes: () => Attributes): void {
  if (span !== noSpan) span.set(attributes());
}

/** Begins work under a span. */
export function withinSpan<T>(span: Span, work: () => Promise<T>): Promise<T> {
  return span.within ? span.within(work) : work();
}
