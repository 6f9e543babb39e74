import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import { serveChat } from './chat-fixture.ts';

/** What a test has. */
export interface OpenedChat {
  readonly served: Awaited<ReturnType<typeof serveChat>>;
  /** A browser of its own, in which nobody was before. */
  readonly context: BrowserContext;
  /** The chat, on a desk. */
  readonly page: Page;
}

/** Serves one chat to the tests of a file, and tells each what it has. */
export function withChat(wordMs: number, onOpened: (opened: OpenedChat) => void): void {
  let served: OpenedChat['served'] | undefined;
  beforeAll(async () => void (served = await serveChat(wordMs)));
  afterAll(() => served?.close());
  beforeEach(async () => {
    if (!served) throw new Error('there is no chat');
    const context = await served.browser.newContext({ viewport: { width: 1180, height: 820 } });
    onOpened({ served, context, page: await served.open(context) });
    return () => context.close();
  });
}
