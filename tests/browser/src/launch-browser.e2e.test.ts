// Would catch a machine on which browser tests cannot run, with the reason in one place instead of in each of them.
import { expect, test } from 'vitest';
import { launchBrowser } from './launch-browser.ts';

test('a page is shown and clicked', async () => {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  await page.setContent(`<button onclick="document.title = 'clicked'">click</button>`);
  await page.click('button');
  expect(await page.title()).toBe('clicked');
  await browser.close();
});
