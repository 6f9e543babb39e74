import { afterAll, beforeAll } from 'vitest';

/** What a factory opens before the first test of a suite, and what is closed behind its last; only to be called inside a test. */
export function openOnce<Backend extends { close(): Promise<void> }>(factory: () => Backend | Promise<Backend>) {
  let backend: Backend | undefined;
  beforeAll(async () => {
    backend = await factory();
  });
  afterAll(() => backend?.close());
  return (): Backend => {
    if (!backend) throw new Error('the backend is opened before the first test');
    return backend;
  };
}
