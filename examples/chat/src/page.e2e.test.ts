// Would catch: a stop that does nothing and says nothing, a turn that cannot be seen any more, a conversation that never was.
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, it } from 'vitest';
import { converse, openSecond, rest, say, show, tell, transcript } from '../test/chat-fixture.ts';
import { withChat, type OpenedChat } from '../test/with-chat.ts';
import { longText } from './server/offline-texts.ts';

let served: OpenedChat['served'];
let context: OpenedChat['context'];
let page: OpenedChat['page'];

withChat(12, (opened) => ({ served, context, page } = opened));
beforeEach(() => void (served.troubles.length = 0));

const stop = () => page.getByLabel('Stop');
const interrupts = '**/interrupt';
const chatId = () => new URL(page.url()).pathname.split('/').at(-1) ?? '';
const untilFocused = () => page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Message');
const comeBack = (to: Page) => to.evaluate(() => dispatchEvent(new Event('focus')));

/** Lets the requests for something wait, until the test lets them go. */
async function holdBack(what: string) {
  const network = Promise.withResolvers<void>();
  await page.route(what, async (route) => {
    await network.promise;
    await route.continue();
  });
  return network;
}

describe('a stop', () => {
  it('that fails says so while the answer comes, and leaves nothing behind when the next one works', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    await page.route(interrupts, (route) =>
      route.fulfill({ status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' }),
    );
    await stop().click();
    const alert = page.locator('.composer').getByRole('alert');
    await alert.waitFor();
    expect(await alert.textContent()).toBe(
      'The answer was not stopped. The server gave no answer that can be read. Press stop again.',
    );
    await show(page, '10-stop-failed');
    await page.unroute(interrupts);
    await stop().click();
    await page.getByText('Stopped.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    served.troubles.length = 0;
  });

  it('that comes before the first word takes effect', async () => {
    const held = Promise.withResolvers<void>();
    await page.route(/\/api\/chat\/[^/]+$/, async (route) => {
      await held.promise;
      await route.continue();
    });
    await say(page, 'Tell me something long');
    await stop().click();
    held.resolve();
    await page.getByText('Stopped.').waitFor();
    expect((await transcript(page)).join('').length).toBeLessThan(longText.length / 4);
    await show(page, '11-stopped-at-once');
  });

  it.each([
    ['said', async () => {}],
    ['reloaded', () => page.reload()],
  ])('does not wait for the first word of a reply that was just %s', async (_, andThen) => {
    const anHour = 3_600_000;
    await served.end();
    await served.begin(anHour);
    await say(page, 'Tell me something long');
    await page.getByRole('navigation').getByText('Tell me something long').waitFor();
    await andThen();
    await stop().click();
    await page.getByText('Stopped.').waitFor();
    expect(await transcript(page)).toEqual(['Tell me something long']);
    await served.end();
    await served.begin(12);
  });
});

describe('a turn that did not complete', () => {
  it('keeps its mark when others follow, also after a reload', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    await stop().click();
    await page.getByText('Stopped.').waitFor();
    await converse(page, 'Please fail');
    await page.getByRole('alert').waitFor();
    await converse(page, 'What is 1 + 1?');
    const marks = async () =>
      (await transcript(page)).map((text) => /(Stopped\.|The answer failed\..*)$/.exec(text)?.[0] ?? '');
    const expected = ['', 'Stopped.', '', 'The answer failed. The model is busy. Please try again shortly.', '', ''];
    expect(await marks()).toEqual(expected);
    await show(page, '12-marks');
    await page.reload();
    await page.locator('.message').nth(5).waitFor();
    expect(await marks()).toEqual(expected);
  });
});

describe('an answer that lacks something', () => {
  const notes = async () =>
    (await transcript(page)).map((text) => /(The answer was cut.*|The model gave no answer\.)$/.exec(text)?.[0] ?? '');
  const cut = 'The answer was cut at its length limit.';
  const none = 'The model gave no answer.';

  it('says so, when it is the last and when others follow, also after a reload', async () => {
    await converse(page, 'Be cut short');
    expect(await notes()).toEqual(['', cut]);
    await converse(page, 'Say nothing');
    expect(await notes()).toEqual(['', cut, '', none]);
    await show(page, '40-cut-and-nothing');
    await page.reload();
    await page.getByText(none).waitFor();
    expect(await notes()).toEqual(['', cut, '', none]);
    await converse(page, 'What is 1 + 1?');
    expect(await notes()).toEqual(['', cut, '', none, '', '']);
  });

  it('is not said of one that is still to come', async () => {
    await page.evaluate(() => {
      const seen = new MutationObserver(() => {
        if (document.body.textContent.includes('The model gave no answer.')) document.body.dataset['told'] = 'so';
      });
      seen.observe(document.body, { childList: true, subtree: true, characterData: true });
    });
    await converse(page, 'What is 1 + 1?');
    await converse(page, 'Please fail');
    await page.getByRole('alert').waitFor();
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').last().waitFor();
    await stop().click();
    await page.getByText('Stopped.').waitFor();
    expect(await page.locator('body').getAttribute('data-told')).toBeNull();
  });
});

describe('a page that is reloaded while an answer is written', () => {
  it('says so from the beginning, and stops it, though the server is slow to tell it', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    const network = await holdBack('**/stream?*');
    await page.reload();
    await page.locator('.user').waitFor();
    expect(await page.locator('main').getAttribute('data-status')).toBe('busy');
    await stop().click({ timeout: 5_000 });
    network.resolve();
    await page.getByText('Stopped.').waitFor();
  });
});

describe('what came before', () => {
  it('can be read to its beginning', async () => {
    await converse(page, 'What is 1 + 1?');
    for (let turn = 2; turn <= 30; turn += 1) await tell(context, served.url, chatId(), `What is 1 + ${turn}?`);
    await page.reload();
    await page.locator('.user').nth(24).waitFor();
    expect(await page.getByText('What is 1 + 5?', { exact: true }).count()).toBe(0);
    await page.locator('.messages').evaluate((list) => list.scrollTo(0, -list.scrollHeight));
    await show(page, '13-earlier');
    await page.getByRole('button', { name: 'Show earlier' }).click();
    await page.locator('.user').nth(29).waitFor();
    const said = await page.locator('.user').allTextContents();
    expect(said).toEqual(Array.from({ length: 30 }, (_, turn) => `What is 1 + ${turn + 1}?`));
    expect(await page.getByRole('button', { name: 'Show earlier' }).count()).toBe(0);
    await untilFocused();
    await converse(page, 'What is 2 + 2?');
    expect(await page.locator('.user').count()).toBe(31);
  });

  it('comes above what one reads, which stays where it is', async () => {
    await converse(page, 'What is 1 + 1?');
    for (let turn = 2; turn <= 30; turn += 1) await tell(context, served.url, chatId(), `What is 1 + ${turn}?`);
    await page.route('**/history*', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as object;
      await route.fulfill({ response, json: { ...answer, before: 'there is more' } });
    });
    await page.reload();
    const read = page.getByText('What is 1 + 6?', { exact: true });
    await read.waitFor();
    await page.locator('.messages').evaluate((list) => list.scrollTo(0, -list.scrollHeight));
    const heightOf = async () => Math.round((await read.boundingBox())?.y ?? Number.NaN);
    const before = await heightOf();
    await page.getByRole('button', { name: 'Show earlier' }).click();
    await page.locator('.user').nth(29).waitFor();
    expect(Math.abs((await heightOf()) - before)).toBeLessThanOrEqual(1);
  });

  it('of the list of conversations can be seen, too', async () => {
    await Promise.all(
      Array.from({ length: 34 }, (_, n) =>
        tell(context, served.url, `seed-${n}-${crypto.randomUUID()}`, `What is 1 + ${n}?`),
      ),
    );
    await page.reload();
    const entries = page.locator('.sidebar nav a');
    await entries.nth(29).waitFor();
    expect(await entries.count()).toBe(30);
    await page.getByRole('button', { name: 'Show older' }).scrollIntoViewIfNeeded();
    await show(page, '14-older');
    await page.getByRole('button', { name: 'Show older' }).click();
    await entries.nth(33).waitFor();
    expect(await page.getByRole('button', { name: 'Show older' }).count()).toBe(0);
    await converse(page, 'What is 5 + 5?');
    await entries.nth(34).waitFor();
    expect(await entries.count()).toBe(35);
  });
});

describe('what one says', () => {
  it('is seen, wherever one had read', async () => {
    await page.setViewportSize({ width: 1180, height: 400 });
    for (const text of ['What can you do?', 'What can you do?']) await converse(page, text);
    await page.locator('.messages').evaluate((list) => list.scrollTo(0, -list.scrollHeight));
    await converse(page, 'What is 1 + 1?');
    expect(await page.locator('.messages').evaluate((list) => list.scrollTop)).toBe(0);
  });

  it('is seen at once, also where it is not known yet what others said', async () => {
    await converse(page, 'What is 1 + 1?');
    const network = await holdBack('**/snapshot*');
    await say(page, 'What is 2 + 2?');
    await page.locator('.user').nth(1).waitFor();
    await page.getByLabel('Waiting for the answer').waitFor();
    await show(page, '35-saying');
    expect(await page.getByText('Not sent yet').count()).toBe(0);
    network.resolve();
    await page.getByText('The result is 4.').waitFor();
    expect(await page.locator('.user').allTextContents()).toEqual(['What is 1 + 1?', 'What is 2 + 2?']);
  });
});

describe('a conversation that comes slowly', () => {
  it('says that it comes', async () => {
    await converse(page, 'What is 1 + 1?');
    await page.getByRole('button', { name: 'New chat' }).click();
    const network = await holdBack('**/snapshot*');
    await page.locator('.sidebar nav a').first().click();
    const loading = page.getByRole('status', { name: 'Loading the conversation' });
    await loading.waitFor();
    await page.waitForFunction(() => {
      const main = document.querySelector('main.loading');
      return main !== null && getComputedStyle(main).opacity === '1';
    });
    await show(page, '36-loading');
    network.resolve();
    await page.getByText('The result is 2.').waitFor();
    expect(await loading.count()).toBe(0);
  });
});

describe('the way back', () => {
  it('is as long as what one opened, however often one pressed', async () => {
    await converse(page, 'What is 1 + 1?');
    const first = page.url();
    for (let press = 0; press < 3; press += 1) await page.getByRole('button', { name: 'New chat' }).click();
    await converse(page, 'What is 2 + 2?');
    const second = page.url();
    for (let press = 0; press < 3; press += 1) await page.locator('.sidebar nav a').first().click();
    await page.goBack();
    await page.getByText('The result is 2.').waitFor();
    expect(page.url()).toBe(first);
    await page.goForward();
    await page.getByText('The result is 4.').waitFor();
    expect(page.url()).toBe(second);
  });
});

describe('a second page', () => {
  it('shows what the first one said, when one comes back to it', async () => {
    const second = await openSecond(served, page);
    await converse(page, 'What is 2 + 2?');
    expect(await second.locator('.user').count()).toBe(1);
    await comeBack(second);
    await second.locator('.reply').nth(1).waitFor();
    expect(await transcript(second)).toEqual(await transcript(page));
  });

  it('reads the answer along that the first one waits for', async () => {
    const second = await openSecond(served, page);
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').nth(2).waitFor();
    await say(second, 'What is 3 + 3?');
    await second.getByLabel('Stop').waitFor();
    expect(await second.getByLabel('Message').inputValue()).toBe('What is 3 + 3?');
    await show(second, '15-along');
    await second.getByLabel('Stop').click();
    await Promise.all([rest(page), rest(second)]);
    expect(await transcript(second)).toEqual(await transcript(page));
  });

  it('never shows a conversation with a hole in it', async () => {
    const second = await openSecond(served, page);
    await converse(page, 'What is 2 + 2?');
    await say(second, 'What is 3 + 3?');
    await second.locator('.reply').nth(2).waitFor();
    await rest(second);
    expect(await second.locator('.user').allTextContents()).toEqual([
      'What is 1 + 1?',
      'What is 2 + 2?',
      'What is 3 + 3?',
    ]);
  });
});

describe('a page that failed, while another one went on', () => {
  it('shows what was said when it tries again', async () => {
    await converse(page, 'Please fail');
    await page.getByRole('alert').waitFor();
    await tell(context, served.url, chatId(), 'What is 4 + 4?');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The result is 8.').waitFor();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.locator('.user').allTextContents()).toEqual(['Please fail', 'What is 4 + 4?']);
  });
});

describe('a message that did not arrive, while another page went on', () => {
  it('comes after what was said meanwhile when it is sent again', async () => {
    await converse(page, 'What is 1 + 1?');
    const sends = /\/api\/chat\/[^/]+$/;
    await page.route(sends, (route) => route.fulfill({ status: 502, body: '<html><h1>502 Bad Gateway</h1></html>' }));
    await say(page, 'What is 3 + 3?');
    await page.getByRole('alert').waitFor();
    expect(await page.getByRole('alert').textContent()).toContain('The server gave no answer that can be read.');
    await show(page, '16-unreadable');
    await tell(context, served.url, chatId(), 'What is 2 + 2?');
    await page.unroute(sends);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('The result is 6.').waitFor();
    await rest(page);
    const expected = ['What is 1 + 1?', 'What is 2 + 2?', 'What is 3 + 3?'];
    expect(await page.locator('.user').allTextContents()).toEqual(expected);
    await page.reload();
    await page.locator('.reply').nth(2).waitFor();
    expect(await page.locator('.user').allTextContents()).toEqual(expected);
  });
});

describe('a new conversation', () => {
  it('asks for nothing that is not there, and logs no error', async () => {
    await page.getByText('What is on your mind?').waitFor();
    await converse(page, 'What is 1 + 1?');
    await comeBack(page);
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByText('What is on your mind?').waitFor();
    expect(served.troubles).toEqual([]);
  });
});

describe('the list of conversations', () => {
  it('has a new one while its first answer is written', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.sidebar nav a .live').waitFor();
    expect(await page.locator('.sidebar nav a .title').allTextContents()).toEqual(['Tell me something long']);
    expect(await page.locator('main').getAttribute('data-status')).toBe('busy');
    await stop().click();
    await page.locator('.sidebar nav a .live').waitFor({ state: 'detached' });
  });
});

describe('an entry of the list', () => {
  it('opens here, or in another tab where one asks for that, and gives its page its name', async () => {
    await converse(page, 'What is 1 + 1?');
    const first = page.url();
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.waitForFunction(() => document.title === 'Helix chat');
    await converse(page, 'What is 2 + 2?');
    const here = page.url();
    // While the list has its newest one to come, or its sign to lose, what is pressed may move away before it is let go.
    await page.getByRole('link', { name: 'What is 2 + 2?' }).waitFor();
    await page.locator('.sidebar nav a .live').waitFor({ state: 'detached' });
    const entry = page.getByRole('link', { name: 'What is 1 + 1?' });
    const [tab] = await Promise.all([context.waitForEvent('page'), entry.click({ modifiers: ['ControlOrMeta'] })]);
    await tab.waitForURL(first, { waitUntil: 'commit' });
    await tab.waitForFunction(() => document.title === 'What is 1 + 1? · Helix chat');
    expect([tab.url(), page.url()]).toEqual([first, here]);
    await entry.click();
    await page.waitForFunction(() => document.title === 'What is 1 + 1? · Helix chat');
    expect(page.url()).toBe(first);
  });
});

describe('a conversation that is deleted', () => {
  const entries = () => page.locator('.sidebar nav a');
  const deleteOf = (n: number) => page.getByRole('button', { name: 'Delete “What is 1 + 1?”' }).nth(n);

  it('is gone once one says yes, and only that of two of one title; the keyboard stays in the list', async () => {
    await converse(page, 'What is 1 + 1?');
    const kept = page.url();
    await page.getByRole('button', { name: 'New chat' }).click();
    await converse(page, 'What is 1 + 1?');
    await entries().nth(1).waitFor();
    const times = await entries().locator('time').allTextContents();
    expect(times.map((time) => time.trim()).filter(Boolean)).toHaveLength(2);
    await show(page, '26-two-of-one-title');
    await entries().nth(1).click();
    await page.waitForURL(kept);
    page.once('dialog', (dialog) => void dialog.dismiss());
    await deleteOf(0).press('Enter');
    expect(await entries().count()).toBe(2);
    page.once('dialog', (dialog) => void dialog.accept());
    await entries().first().focus();
    await page.keyboard.press('Tab');
    await show(page, '27-delete');
    await page.keyboard.press('Enter');
    await entries().nth(1).waitFor({ state: 'detached' });
    await page.waitForFunction(() => document.activeElement?.matches('.sidebar nav a'));
    expect(await entries().evaluateAll((links) => links.map((link) => (link as HTMLAnchorElement).href))).toEqual([
      kept,
    ]);
    await page.reload();
    await page.getByText('The result is 2.').waitFor();
    await entries().first().waitFor();
    expect(await entries().count()).toBe(1);
  });

  it('does not come back with a list that was asked for before', async () => {
    await converse(page, 'What is 1 + 1?');
    const [asked, removed] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    await page.route(
      '**/api/chats',
      async (route) => {
        const response = await route.fetch();
        asked.resolve();
        await removed.promise;
        await route.fulfill({ response });
      },
      { times: 1 },
    );
    await page.getByRole('button', { name: 'New chat' }).click();
    await asked.promise;
    page.once('dialog', (dialog) => void dialog.accept());
    await deleteOf(0).press('Enter');
    await entries().waitFor({ state: 'detached' });
    const late = page.waitForResponse('**/api/chats');
    removed.resolve();
    await (await late).finished();
    await page.evaluate(() => new Promise((resolve) => setTimeout(() => requestAnimationFrame(resolve))));
    expect(await entries().count()).toBe(0);
  });

  it('and was the only one leaves the keyboard where one writes', async () => {
    await converse(page, 'What is 1 + 1?');
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByText('What is on your mind?').waitFor();
    page.once('dialog', (dialog) => void dialog.accept());
    await deleteOf(0).press('Enter');
    await entries().waitFor({ state: 'detached' });
    await untilFocused();
    expect(await page.getByText('What is on your mind?').count()).toBe(1);
  });

  it('while its answer is written is gone as well, and its address is no conversation', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    const address = page.url();
    await page.locator('.entry').hover();
    page.once('dialog', (dialog) => void dialog.accept());
    await page.getByRole('button', { name: 'Delete “Tell me' }).click();
    await page.getByText('What is on your mind?').waitFor();
    expect(await entries().count()).toBe(0);
    await page.goto(address);
    await page.getByText('This conversation is not here.').waitFor();
  });

  it('stays where its server cannot be asked, and the page says so', async () => {
    await converse(page, 'What is 1 + 1?');
    await page.route('**/api/chats/*', (route) => route.abort());
    const told: string[] = [];
    page.on('dialog', (dialog) => void (told.push(dialog.message()), dialog.accept()));
    await deleteOf(0).press('Enter');
    await expect.poll(() => told.at(-1)).toContain('It is still there');
    expect(await entries().count()).toBe(1);
  });

  it('is never somebody else’s', async () => {
    await converse(page, 'What is 1 + 1?');
    const stranger = await served.browser.newContext();
    const other = await served.open(stranger);
    const id = new URL(page.url()).pathname.split('/').at(-1);
    expect((await other.request.delete(`${served.url}/api/chats/${id}`)).status()).toBe(204);
    await page.reload();
    await page.getByText('The result is 2.').waitFor();
    await stranger.close();
  });
});

describe('a conversation that is not there', () => {
  it.each([
    ['was never begun', async () => '/c/nope'],
    [
      'is somebody else’s',
      async () => {
        await converse(page, 'What is 1 + 1?');
        return new URL(page.url()).pathname;
      },
    ],
  ])('because it %s says so, and offers a new one', async (_, path) => {
    const stranger = await served.browser.newContext();
    const other = await served.open(stranger, await path());
    await other.getByText('This conversation is not here.').waitFor();
    await show(other, '17-not-here');
    expect(await other.getByLabel('Message').count()).toBe(0);
    await other.locator('main').getByRole('button', { name: 'New chat' }).click();
    await converse(other, 'What is 2 + 2?');
    expect(await other.getByText('The result is 4.').count()).toBe(1);
    await stranger.close();
  });
});

describe('a path of the interface that there is not', () => {
  it('is no page', async () => {
    const response = await context.request.get(`${served.url}/api/nowhere`);
    expect(response.status()).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'input_unknown_route' });
  });
});
