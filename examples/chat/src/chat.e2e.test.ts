// Would catch: a page that loses, repeats or reorders a word when it is reloaded; a stop that leaves nothing or goes on; an error
// without a way out; a conversation that another browser can open.
import { describe, expect, it } from 'vitest';
import { rest as restOf, say as sayOn, show as showOf, words } from '../test/chat-fixture.ts';
import { withChat, type OpenedChat } from '../test/with-chat.ts';
import { longText } from './server/offline-texts.ts';

let served: OpenedChat['served'];
let page: OpenedChat['page'];

withChat(20, (opened) => ({ served, page } = opened));

const say = (text: string) => sayOn(page, text);
const show = (name: string) => showOf(page, name);
const rest = () => restOf(page);
const busy = () => page.locator('main[data-status="busy"]').waitFor();
const lastReply = async (): Promise<string> => words(await page.locator('.reply .text').last().textContent());

/** Waits until so many characters of the long text are there; answers what is. */
async function untilShown(characters: number): Promise<string> {
  await page.waitForFunction(
    (wanted) => ([...document.querySelectorAll('.reply .text')].at(-1)?.textContent.length ?? 0) >= wanted,
    characters,
  );
  return lastReply();
}

/** What a browser logs by itself while a server is replaced. */
const isLostConnection = /^Failed to load resource: net::ERR_/;

describe('the chat page', () => {
  it('answers, uses a tool, and takes a second turn', async () => {
    await show('1-welcome');
    await say('What is 12 * (7 + 5)?');
    await busy();
    await rest();
    expect(await lastReply()).toBe('The result is 144.');
    expect(words(await page.locator('.tool summary').textContent())).toContain('calculate');
    await say('What time is it?');
    await page.locator('.user').nth(1).waitFor();
    await rest();
    expect(await lastReply()).toMatch(/^It is .+ \(UTC\)\.$/);
    expect(await page.locator('.reply').count()).toBe(2);
    await show('2-tools');
    const before = words(await page.locator('.messages').textContent());
    await page.reload();
    await page.locator('.reply').nth(1).waitFor();
    expect(words(await page.locator('.messages').textContent())).toBe(before);
  });

  it('is stopped, keeps what was seen, and goes on', async () => {
    await say('Tell me something long');
    await untilShown(200);
    await page.getByLabel('Stop').click();
    await page.getByText('Stopped.').waitFor();
    const stopped = await lastReply();
    expect(words(longText).startsWith(stopped)).toBe(true);
    expect(stopped.length).toBeLessThan(words(longText).length);
    await show('4-stopped');
    await page.reload();
    await page.getByText('Stopped.').waitFor();
    expect(await lastReply()).toBe(stopped);
    await page.getByText('Let it continue').click();
    await page.locator('.reply .text').nth(1).waitFor();
    await page.getByLabel('Stop').click();
    await page.getByText('Stopped.').waitFor();
    await page.getByText('Stopped here, and went on.').waitFor();
    const halves = (await page.locator('.reply .text').allTextContents()).map(words);
    expect(halves[0]).toBe(stopped);
    expect(words(longText).startsWith(halves.join(' '))).toBe(true);
    const before = words(await page.locator('.reply').textContent());
    await page.reload();
    await page.getByText('Let it continue').waitFor();
    expect(words(await page.locator('.reply').textContent())).toBe(before);
    await say('What is 1 + 1?');
    await page.getByText('The result is').waitFor();
    await rest();
    expect(await lastReply()).toBe('The result is 2.');
  });

  it('says what went wrong, and tries again', async () => {
    await say('Please fail');
    await page.getByRole('alert').waitFor();
    const told = words(await page.getByRole('alert').textContent());
    expect(told).toContain('The model is busy. Please try again shortly.');
    expect(told).toContain('provider_overloaded');
    expect(await page.locator('.reply .text').count()).toBe(0);
    await show('5-error');
    await page.reload();
    await page.getByRole('alert').waitFor();
    expect(words(await page.getByRole('alert').textContent())).toBe(told);
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('This time it worked.').waitFor();
    await rest();
    expect(await page.getByRole('alert').count()).toBe(0);
    expect(await page.locator('.user').count()).toBe(1);
  });

  it('reloaded at twenty moments of a reply shows every word exactly once', async () => {
    const whole = words(longText);
    await say('Tell me something long');
    await busy();
    let reloadedLive = 0;
    for (let reload = 0; reload < 20; reload += 1) {
      const seen = await untilShown(Math.floor((whole.length * (reload + Math.random())) / 22));
      expect(whole.slice(0, seen.length)).toBe(seen);
      if (seen.length < whole.length) reloadedLive += 1;
      if (reload === 6) await show('3-streaming');
      await page.reload();
      await page.locator('.user').waitFor();
    }
    await page.waitForFunction(() => document.body.textContent.includes('reading to the end.'));
    await rest();
    expect(await lastReply()).toBe(whole);
    expect(reloadedLive).toBeGreaterThan(10);
    await page.reload();
    await page.locator('.reply').waitFor();
    expect(await lastReply()).toBe(whole);
  });

  it('goes on by itself when its server is replaced in the middle of a reply', async () => {
    await say('Tell me something long');
    await untilShown(300);
    await served.end();
    await page.getByText('Reconnecting…').waitFor();
    await served.begin(2);
    await page.waitForFunction(() => document.body.textContent.includes('reading to the end.'), null, {
      timeout: 60_000,
    });
    await rest();
    expect(await lastReply()).toBe(words(longText));
  });

  it('is nobody else’s', async () => {
    await say('What is 1 + 1?');
    await page.getByText('The result is').waitFor();
    await rest();
    const other = await (await served.browser.newContext()).newPage();
    await other.goto(page.url());
    await other.getByText('This conversation is not here.').waitFor();
    expect(await other.locator('.sidebar nav a').count()).toBe(0);
    expect(await page.locator('.sidebar nav a').count()).toBe(1);
  });

  it('is as calm in the dark and on a phone', async () => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await say('What can you do?');
    await page.getByText('to talk to a real model.').waitFor();
    await rest();
    await say('What is 12 * (7 + 5)?');
    await page.getByText('The result is').waitFor();
    await page.locator('.tool summary').click();
    await show('6-dark');
    await page.setViewportSize({ width: 390, height: 780 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wide).toBeLessThanOrEqual(0);
    expect(await page.locator('.sidebar nav a').first().isVisible()).toBe(true);
  });

  it('has done all of this without an error in the page or on the server, but for the run that was to fail', () => {
    expect(served.troubles.filter((trouble) => !isLostConnection.test(trouble))).toEqual(['a run failed']);
  });
});
