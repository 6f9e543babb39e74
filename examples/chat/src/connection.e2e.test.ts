// Would catch: a page that gives up on its server, that loses what was said while nobody heard it, or that says of it what is not
// true.
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { converse, rest, say, serveChat, words } from '../test/chat-fixture.ts';
import { longText } from './server/offline-texts.ts';

let served: Awaited<ReturnType<typeof serveChat>>;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  served = await serveChat(12);
});

afterAll(() => served?.close());

beforeEach(async () => {
  context = await served.browser.newContext({ viewport: { width: 1180, height: 820 } });
  page = await served.open(context);
  return () => context.close();
});

const lastReply = async () => words(await page.locator('.reply .text').last().textContent());
const snapshots = /\/snapshot$/;

/** Lets so much time go by in the page, at once, and waits for the attempt that it brings. */
async function waitOut(attempts: number): Promise<void> {
  for (let made = 0; made < attempts; made += 1)
    await Promise.all([page.waitForEvent('requestfailed'), page.clock.fastForward(16_000)]);
}

describe('a server that is away', () => {
  it('for longer than anybody waits is found again', async () => {
    await page.clock.install();
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    await served.end();
    await page.getByText('Reconnecting…').waitFor();
    await waitOut(9);
    await served.begin(2);
    await page.clock.fastForward(16_000);
    await page.getByText('reading to the end.').waitFor();
    await rest(page);
    expect(await lastReply()).toBe(words(longText));
  });

  it('is asked at once when the network is back, or the user', async () => {
    await converse(page, 'What is 1 + 1?');
    await page.clock.install();
    await page.route('**/api/chat/**', (route) => route.abort());
    await say(page, 'What is 2 + 2?');
    await waitOut(7);
    await page.clock.pauseAt(Date.now() + 3_600_000);
    const asked: string[] = [];
    for (const event of ['online', 'focus']) {
      const request = page.waitForRequest(snapshots);
      await page.evaluate((name) => dispatchEvent(new Event(name)), event);
      asked.push((await request).method());
    }
    expect(asked).toEqual(['GET', 'GET']);
  });
});
