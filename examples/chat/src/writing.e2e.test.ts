// Would catch: a keyboard that has to find its way back or presses in vain, words that are cut, or lost on the way to another
// conversation.
import { beforeEach, describe, expect, it } from 'vitest';
import { converse, rest, say, show } from '../test/chat-fixture.ts';
import { withChat, type OpenedChat } from '../test/with-chat.ts';

let served: OpenedChat['served'];
let page: OpenedChat['page'];

withChat(12, (opened) => ({ served, page } = opened));
beforeEach(() => void (served.troubles.length = 0));

const stop = () => page.getByLabel('Stop');
const focused = () => page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
const untilFocused = () => page.waitForFunction(() => document.activeElement?.getAttribute('aria-label') === 'Message');

describe('the keyboard', () => {
  it('stays where one writes, whatever was pressed', async () => {
    await page.getByRole('button', { name: 'Tell me something long' }).click();
    await page.locator('.reply .text').waitFor();
    await untilFocused();
    await stop().click();
    await page.getByText('Stopped.').waitFor();
    expect(await focused()).toBe('Message');
    await page.getByText('Let it continue').click();
    await page.locator('.reply .text').nth(1).waitFor();
    expect(await focused()).toBe('Message');
    await stop().click();
    await page.getByText('Stopped.').waitFor();
    await converse(page, 'Please fail');
    await page.getByRole('button', { name: 'Try again' }).click();
    await page.getByText('This time it worked.').waitFor();
    expect(await focused()).toBe('Message');
  });
});

describe('Escape', () => {
  it('stops the answer, wherever the keyboard is', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    await page.keyboard.press('Escape');
    await page.getByText('Stopped.').waitFor();
    await page.getByText('Let it continue').click();
    await stop().waitFor();
    await page.getByRole('button', { name: 'New chat' }).focus();
    await page.keyboard.press('Escape');
    await page.getByText('Stopped.').waitFor();
    await rest(page);
    await page.keyboard.press('Escape');
    expect(await page.getByRole('alert').count()).toBe(0);
  });
});

describe('a double click on Send', () => {
  it('sends once, and stops nothing', async () => {
    await page.getByLabel('Message').fill('Tell me something long');
    await page.getByLabel('Send').dblclick();
    await page.locator('.reply .text').waitFor();
    expect(await page.getByRole('button', { name: 'Stop' }).isEnabled()).toBe(true);
    expect(await page.locator('.user').count()).toBe(1);
    await stop()
      .dblclick({ timeout: 5_000 })
      .catch(() => {});
    await page.getByText('Stopped.').waitFor();
  });
});

describe('what one writes', () => {
  it('costs no more below a long conversation than below a short one', async () => {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send('Profiler.enable');
    await devtools.send('Profiler.startPreciseCoverage', { callCount: true });
    /** How many functions the page calls since it was asked. */
    const calls = async () => {
      const { result } = await devtools.send('Profiler.takePreciseCoverage');
      const counts = result.flatMap(({ functions }) => functions.map(({ ranges }) => ranges[0]?.count ?? 0));
      return counts.reduce((sum, count) => sum + count, 0);
    };
    const costOf = async (text: string) => {
      await calls();
      await page.getByLabel('Message').pressSequentially(text);
      return calls();
    };
    await converse(page, 'Show me Markdown');
    const short = await costOf('a sentence of some length');
    await page.route('**/snapshot*', async (route) => {
      const response = await route.fetch();
      const answer = (await response.json()) as { messages: { id: string }[] };
      const copy = (n: number) => answer.messages.map((message) => ({ ...message, id: `${message.id}-${n}` }));
      const messages = Array.from({ length: 100 }, (_, n) => copy(n)).flat();
      await route.fulfill({ response, json: { ...answer, messages } });
    });
    await page.reload();
    await page.locator('.user').nth(99).waitFor();
    const long = await costOf('a sentence of some length');
    expect(short).toBeGreaterThan(0);
    expect(long).toBeLessThan(3 * short);
  });
});

describe('Enter while an answer is written', () => {
  it('keeps what is written and says why it is not sent, until it can be', async () => {
    await say(page, 'Tell me something long');
    await page.locator('.reply .text').waitFor();
    await say(page, 'What is 2 + 2?');
    const hint = page.getByText('An answer is being written. Wait for its end, or stop it.');
    await hint.waitFor();
    await show(page, '19-wait');
    expect(await page.getByLabel('Message').inputValue()).toBe('What is 2 + 2?');
    await stop().click();
    await hint.waitFor({ state: 'detached' });
    await page.getByLabel('Message').press('Enter');
    await page.getByText('The result is 4.').waitFor();
  });
});

describe('a draft', () => {
  it('is there again when one comes back to its conversation', async () => {
    await converse(page, 'What is 1 + 1?');
    await page.getByLabel('Message').fill('half a thought');
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByText('What is on your mind?').waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('');
    await page.getByLabel('Message').fill('another');
    await page.locator('.sidebar nav a').click();
    await page.locator('.reply').waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('half a thought');
    await page.getByRole('button', { name: 'New chat' }).click();
    await page.getByText('What is on your mind?').waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe('another');
    await converse(page, 'What is 2 + 2?');
    expect(await page.getByLabel('Message').inputValue()).toBe('');
    await page.getByRole('button', { name: 'New chat' }).click();
    expect(await page.getByLabel('Message').inputValue()).toBe('');
  });
});

describe('a text that is too long', () => {
  it('is kept to its last character, and refused with the limit', async () => {
    const text = `begin ${'x'.repeat(25_000)} end`;
    await page.getByLabel('Message').focus();
    await page.keyboard.insertText(text);
    await page.getByText('it has 25,010 characters, and 20,000 are possible.').waitFor();
    await page.keyboard.press('Enter');
    expect(await page.getByLabel('Message').inputValue()).toBe(text);
    expect(await page.locator('.user').count()).toBe(0);
    await show(page, '18-too-long');
    await page.reload();
    await page.getByText('What is on your mind?').waitFor();
    expect(await page.getByLabel('Message').inputValue()).toBe(text);
    await converse(page, 'What is 1 + 1?');
    expect(await page.locator('.composer').getByRole('status').count()).toBe(0);
  });

  it('for the browser to keep it through a reload breaks nothing', async () => {
    await page.getByLabel('Message').fill('z'.repeat(6_000_000));
    await page.getByText('it has 6,000,000 characters').waitFor();
    await converse(page, 'What is 1 + 1?');
    expect(served.troubles).toEqual([]);
  });
});
