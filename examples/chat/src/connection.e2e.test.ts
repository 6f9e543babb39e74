// Would catch: a page that gives up on its server, that loses what was said while nobody heard it, or that says of it what is not
// true.
import type { Route } from 'playwright-core';
import { describe, expect, it } from 'vitest';
import { converse, openSecond, rest, say, show, transcript, words } from '../test/chat-fixture.ts';
import { withChat, type OpenedChat } from '../test/with-chat.ts';
import { longText } from './server/offline-texts.ts';

let served: OpenedChat['served'];
let context: OpenedChat['context'];
let page: OpenedChat['page'];

withChat(12, (opened) => ({ served, context, page } = opened));

const lastReply = async () => words(await page.locator('.reply .text').last().textContent());
const snapshots = /\/snapshot$/;
const sends = /\/api\/chat\/[^/]+$/;
const written = (by = page) => by.getByLabel('Message').inputValue();
const said = (on = page) => on.locator('.user').allTextContents();

/** The reply of a page that waits for one, whole. */
async function untilAnswered(answer: string): Promise<void> {
  await page.getByText(answer).waitFor();
  await rest(page);
}

/** The network is back, as far as the page knows: it tries at once. */
const cameBack = () => page.evaluate(() => void dispatchEvent(new Event('online')));

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

  it('is asked at once when the network is back, or the user, who may also ask for it', async () => {
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
    const request = page.waitForRequest(snapshots);
    await page.getByRole('button', { name: 'Try now' }).click();
    asked.push((await request).method());
    expect(asked).toEqual(['GET', 'GET', 'GET']);
  });
});

describe('an answer whose server was lost too often', () => {
  const goOn = () => page.getByRole('button', { name: 'Let it continue' });

  async function loseServers(): Promise<void> {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    while (!(await goOn().isVisible())) {
      await served.end();
      await page.getByText('Reconnecting…').waitFor();
      await served.begin(60);
      await cameBack();
      await page.getByText('Reconnecting…').waitFor({ state: 'detached' });
      await page.locator('.reply .text').or(goOn()).first().waitFor();
    }
  }

  it('waits for the user, and goes on where they let it', async () => {
    await loseServers();
    await show(page, '28-lost-too-often');
    expect(await page.getByText('The model gave no answer.').count()).toBe(0);
    await goOn().click();
    await page.locator('.reply .text').waitFor();
    expect(await said()).toEqual(['Tell me something long']);
  });

  it('is marked where they say something else, as it is after a reload', async () => {
    await loseServers();
    await say(page, 'What is 2 + 2?');
    await untilAnswered('The result is 4.');
    await expect.poll(() => transcript(page)).toContain('Stopped.');
    const shown = await transcript(page);
    await page.reload();
    await page.getByText('The result is 4.').waitFor();
    expect(await transcript(page)).toEqual(shown);
  });
});

describe('a gateway whose server is away', () => {
  it('while a reply is picked up is asked again until the reply is there, and no error is shown', async () => {
    const badGateway = (route: Route) => route.fulfill({ status: 502, body: '<h1>502 Bad Gateway</h1>' });
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    let asked = 0;
    await page.route(/\/stream\?/, (route) => ((asked += 1), badGateway(route)), { times: 2 });
    await served.end();
    await page.getByText('Reconnecting…').waitFor();
    // Slow enough for the reply to be under way when the page asks for it.
    await served.begin(30);
    await page.waitForFunction(() => document.body.textContent.includes('reading to the end.'));
    await rest(page);
    expect(asked).toBe(2);
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await lastReply()).toBe(words(longText));
  });

  it('and that ends a reply as if it was whole is not believed', async () => {
    await page.route(
      sends,
      async (route) => {
        const whole = await (await route.fetch()).text();
        const body = whole.slice(0, whole.lastIndexOf('data:', whole.length / 2));
        await route.fulfill({ headers: { 'content-type': 'text/event-stream' }, body });
      },
      { times: 1 },
    );
    await say(page, 'What can you do?');
    await page.getByText('to talk to a real model.').waitFor();
    await rest(page);
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});

describe('a message that did not arrive', () => {
  it('waits for the network, and is said once', async () => {
    await converse(page, 'What is 1 + 1?');
    await context.setOffline(true);
    await say(page, 'What is 2 + 2?');
    await page.getByText('It goes out when the connection is back.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    await show(page, '20-unsent');
    await context.setOffline(false);
    await untilAnswered('The result is 4.');
    expect(await said()).toEqual(['What is 1 + 1?', 'What is 2 + 2?']);
    expect(await page.getByText('Not sent yet.').count()).toBe(0);
    await page.reload();
    await page.getByText('The result is 4.').waitFor();
    expect(await said()).toEqual(['What is 1 + 1?', 'What is 2 + 2?']);
  });

  it.each([
    ['the first of a conversation', false],
    ['a later one', true],
  ])('and is %s goes out after a reload', async (_, isLater) => {
    if (isLater) await converse(page, 'What is 1 + 1?');
    await page.route(sends, (route) => route.abort());
    await say(page, 'What is 2 + 2?');
    await page.getByText('Not sent yet.').waitFor();
    await page.unroute(sends);
    await page.reload();
    await untilAnswered('The result is 4.');
    expect(await said()).toEqual([...(isLater ? ['What is 1 + 1?'] : []), 'What is 2 + 2?']);
    expect(await written()).toBe('');
  });

  it('and is the first of a conversation that one leaves is found in the list, and goes out when one comes back', async () => {
    await converse(page, 'What is 1 + 1?');
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByText('What is on your mind?').waitFor();
    await context.setOffline(true);
    await say(page, 'What is 2 + 2?');
    await page.getByText('Not sent yet.').waitFor();
    const entries = page.locator('.sidebar nav a');
    await entries.filter({ hasText: '1 + 1' }).click();
    await entries.nth(1).waitFor();
    expect(await entries.locator('.title').allTextContents()).toEqual(['What is 2 + 2?', 'What is 1 + 1?']);
    expect(await entries.first().getByTitle('Not sent yet').count()).toBe(1);
    await entries.first().click();
    await page.getByText('It goes out when the connection is back.').waitFor();
    await show(page, '25-left');
    expect(await entries.count()).toBe(2);
    expect(await said()).toEqual(['What is 2 + 2?']);
    await context.setOffline(false);
    await untilAnswered('The result is 4.');
    await entries.filter({ hasText: '1 + 1' }).click();
    await page.getByText('The result is 2.').waitFor();
    expect(await entries.count()).toBe(2);
    expect(await page.getByTitle('Not sent yet').count()).toBe(0);
  });

  it('is there when the page is reloaded in the moment in which it is sent', async () => {
    await page.route(sends, () => {}, { times: 1 });
    await Promise.all([page.waitForRequest(sends), say(page, 'What is 2 + 2?')]);
    await page.reload();
    await untilAnswered('The result is 4.');
    expect(await said()).toEqual(['What is 2 + 2?']);
  });

  it('is there when the page is reloaded while it looks what others said', async () => {
    await converse(page, 'What is 1 + 1?');
    await page.route(snapshots, () => {}, { times: 1 });
    await Promise.all([page.waitForRequest(snapshots), say(page, 'What is 2 + 2?')]);
    await page.reload();
    await untilAnswered('The result is 4.');
    expect(await said()).toEqual(['What is 1 + 1?', 'What is 2 + 2?']);
  });

  it('can be taken back, and the card that tells of it is true', async () => {
    await page.route(sends, (route) => route.fulfill({ status: 502, body: '<h1>502 Bad Gateway</h1>' }));
    await say(page, 'What is 2 + 2?');
    await page.getByText('Your message was not sent yet. It is kept here.').waitFor();
    await show(page, '21-gateway');
    await page.getByRole('button', { name: 'Take it back' }).click();
    expect(await written()).toBe('What is 2 + 2?');
    expect(await said()).toEqual([]);
    await page.unroute(sends);
    await page.reload();
    await page.getByText('What is on your mind?').waitFor();
    expect(await written()).toBe('What is 2 + 2?');
    await page.keyboard.press('Enter');
    await untilAnswered('The result is 4.');
  });
});

describe('what is written', () => {
  it('while the server is away in the middle of an answer stays, and the answer goes on', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    await served.end();
    await page.getByText('Reconnecting…').waitFor();
    await say(page, 'What is 2 + 2?');
    await page.getByText('There is no connection. What you write is kept here.').waitFor();
    await show(page, '22-away');
    // Slow enough for the answer to be under way when the page asks for it, which is at once.
    await served.begin(60);
    await cameBack();
    await page.getByLabel('Stop').waitFor();
    await untilAnswered('reading to the end.');
    expect(await said()).toEqual(['Tell me something long']);
    expect(await lastReply()).toBe(words(longText));
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await written()).toBe('What is 2 + 2?');
    await page.getByLabel('Message').press('Enter');
    await untilAnswered('The result is 4.');
  });

  it('and said just as another page got its answer begun comes back, and that answer is shown', async () => {
    const second = await openSecond(served, page);
    await page.route(
      sends,
      async (route) => {
        await say(second, 'Tell me something long');
        await second.locator('.reply .text').nth(2).waitFor();
        await route.abort();
      },
      { times: 1 },
    );
    await say(page, 'What is 2 + 2?');
    await page.getByText('Not sent. An answer is already being written. Your words are back here.').waitFor();
    expect(await written()).toBe('What is 2 + 2?');
    expect(await said()).toEqual(['What is 1 + 1?', 'Tell me something long']);
    await show(page, '23-given-back');
    await page.getByLabel('Stop').click();
    await Promise.all([rest(page), rest(second)]);
    expect(await transcript(page)).toEqual(await transcript(second));
  });

  it('in two pages and sent at once is said by one; the other has it back, and shows what was said', async () => {
    const second = await openSecond(served, page);
    const first = Promise.withResolvers<void>();
    await second.route(sends, async (route) => {
      await first.promise;
      await route.continue();
    });
    await Promise.all([second.waitForRequest(sends), say(second, 'What is 2 + 2?')]);
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').nth(2).waitFor();
    first.resolve();
    await second.getByText('Not sent. An answer is already being written. Your words are back here.').waitFor();
    expect(await written(second)).toBe('What is 2 + 2?');
    expect(await said(second)).toEqual(['What is 1 + 1?', 'Tell me something long']);
    await show(second, '24-two-at-once');
    await second.getByLabel('Stop').click();
    await Promise.all([rest(page), rest(second)]);
    expect(await transcript(second)).toEqual(await transcript(page));
  });
});

describe('a page that was away while another one went on', () => {
  it('shows what was said before the answer that is written now', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    await page.route('**/api/chat/**', (route) => route.abort());
    await served.end();
    await page.getByText('Reconnecting…').waitFor();
    await served.begin(5);
    const second = await served.open(context, new URL(page.url()).pathname);
    await second.getByText('reading to the end.').waitFor();
    await rest(second);
    await say(second, 'Tell me something long');
    await second.locator('.reply .text').nth(1).waitFor();
    await page.unroute('**/api/chat/**');
    // A press of the button may come too late: the page tries by itself, too.
    await cameBack();
    await page.locator('.reply .text').nth(1).waitFor();
    expect(await said()).toEqual(['Tell me something long', 'Tell me something long']);
    await Promise.all([rest(page), rest(second)]);
    expect(await transcript(page)).toEqual(await transcript(second));
  });
});
