import { startPostgres } from '@helix-agents/postgres-embedded';
import { launchBrowser } from '@helix-agents/test-browser';
import { mkdirSync } from 'node:fs';
import type { BrowserContext, Page } from 'playwright-core';
import { startChat } from '../src/server/start-chat.ts';

/** A chat that is served, with a browser to look at it. */
export async function serveChat(wordMs: number) {
  const postgres = await startPostgres({ durability: 'none' });
  /** What went wrong in the pages and on the server. */
  const troubles: string[] = [];
  const start = (pauseMs: number, port = 0) =>
    startChat(
      { port, model: { kind: 'offline' }, wordMs: pauseMs, databaseUrl: postgres.connectionString, dataDir: '' },
      { log: (level, message) => void (level === 'error' && troubles.push(message)) },
    );
  const [first, browser] = await Promise.all([start(wordMs), launchBrowser()]);
  const { url } = first;
  let chat = first;
  const open = async (context: BrowserContext, path = '/'): Promise<Page> => {
    const page = await context.newPage();
    page.setDefaultTimeout(90_000);
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('console', (message) => void (message.type() === 'error' && troubles.push(message.text())));
    await page.goto(`${url}${path}`);
    return page;
  };
  const close = async (): Promise<void> => {
    await browser.close();
    await chat.close();
    await postgres.stop();
  };
  return {
    url,
    browser,
    troubles,
    open,
    close,
    end: () => chat.close(),
    /** Another server at the same address, which may be faster. */
    begin: async (pauseMs: number) => void (chat = await start(pauseMs, Number(new URL(url).port))),
  };
}

const folder = process.env['HELIX_SCREENSHOTS'];

/** For eyes: where `HELIX_SCREENSHOTS` names a folder, what the page looks like is kept there, on a desk and on a phone. */
export async function show(page: Page, name: string): Promise<void> {
  if (!folder) return;
  mkdirSync(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png` });
  const desk = page.viewportSize();
  await page.setViewportSize({ width: 390, height: 780 });
  await page.screenshot({ path: `${folder}/${name}-phone.png` });
  if (desk) await page.setViewportSize(desk);
}

export async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message').fill(text);
  await page.keyboard.press('Enter');
}

/** Waits for the end of the reply. */
export const rest = (page: Page) => page.locator('main[data-status="ready"]').waitFor();

/** One space between two words. */
export const words = (text: string | null) => (text ?? '').replaceAll(/\s+/g, ' ').trim();

/** Says something and waits for the end of the reply. */
export async function converse(page: Page, text: string): Promise<void> {
  const replies = await page.locator('.user').count();
  await say(page, text);
  await page.locator('.user').nth(replies).waitFor();
  await rest(page);
}

/** A second page of a conversation in which one thing was said and answered. */
export async function openSecond({ open }: Awaited<ReturnType<typeof serveChat>>, first: Page): Promise<Page> {
  await converse(first, 'What is 1 + 1?');
  const second = await open(first.context(), new URL(first.url()).pathname);
  await second.locator('.reply').waitFor();
  return second;
}

/** What stands in each message, in order. */
export async function transcript(page: Page): Promise<string[]> {
  const texts = await page.locator('.message').allTextContents();
  return texts.map(words);
}

/** Says something without a page, as the same visitor; resolves when the reply has ended. */
export async function tell(context: BrowserContext, url: string, chatId: string, text: string): Promise<void> {
  const message = { id: `m-${crypto.randomUUID()}`, role: 'user', parts: [{ type: 'text', text }] };
  const response = await context.request.post(`${url}/api/chat/${chatId}`, { data: { messages: [message] } });
  await response.text();
}
